from odoo import fields, models


class ShopifyTag(models.Model):
    _name = 'shopify.tag'
    _description = "Shopify Tag"
    _order = 'name'

    name = fields.Char(required=True)

    _name_uniq = models.Constraint('UNIQUE(name)', "This tag exists already.")

    def _find_or_create(self, names):
        """Return name → tag for all names, in one search and one create."""
        names = set(names)
        found = {tag.name: tag for tag in self.search([('name', 'in', list(names))])}
        missing = sorted(names - set(found))
        created = self.create([{'name': name} for name in missing])
        return found | dict(zip(missing, created, strict=True))
