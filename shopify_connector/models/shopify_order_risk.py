from odoo import api, fields, models


class ShopifyOrderRisk(models.Model):
    _name = 'shopify.order.risk'
    _description = "Shopify Order Risk"
    _order = 'id'

    order_id = fields.Many2one('shopify.order', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        related='order_id.company_id', store=True, index=True, precompute=True
    )
    level = fields.Char()
    provider = fields.Char()
    description = fields.Char(string="Reason")
    sentiment = fields.Char()

    @api.model
    def _stage(self, pairs):
        """Write the reasons of the risk assessments of many orders."""
        return self.create(
            [
                {
                    'order_id': record.id,
                    'level': fact.level,
                    'provider': fact.provider,
                    'description': fact.description,
                    'sentiment': fact.sentiment,
                }
                for record, order in pairs
                for fact in order.risks
            ]
        )
