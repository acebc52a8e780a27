"""What is sold: products, variants, inventory items."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from .records import Count, Record


@dataclass(eq=False, repr=False)
class InventoryItem(Record):
    """The physical side of a variant."""

    typename = 'InventoryItem'
    id: str | None = None
    variant: object = None
    requires_shipping: bool = True
    tracked: bool = True
    country_code_of_origin: str | None = None
    harmonized_system_code: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def sku(self):
        """The variant's SKU."""
        return self.variant.sku


@dataclass(eq=False, repr=False)
class SelectedOption(Record):
    """One option value of a variant."""

    typename = 'SelectedOption'
    name: str
    value: str


@dataclass(eq=False, repr=False)
class ProductVariant(Record):
    """A thing with a price; SKU and barcode may both be missing."""

    typename = 'ProductVariant'
    id: str | None = None
    product: object = None
    title: str = 'Default Title'
    sku: str | None = None
    barcode: str | None = None
    price: Decimal = Decimal(0)
    taxable: bool = True
    inventory_item: InventoryItem | None = None
    inventory_quantity: int = 100
    inventory_policy: str = 'CONTINUE'
    position: int = 1
    available_for_sale: bool = True
    selected_options: list = field(default_factory=list)
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def display_name(self):
        """Product and variant title."""
        return f"{self.product.title} - {self.title}"

    @property
    def is_default(self):
        """Whether the product has no options, so that its only variant has no title of its own."""
        return self.title == 'Default Title'


@dataclass(eq=False, repr=False)
class Product(Record):
    """A product with its variants."""

    typename = 'Product'
    id: str | None = None
    title: str = ''
    handle: str = ''
    vendor: str = "Twin Vendor"
    product_type: str = ''
    status: str = 'ACTIVE'
    description_html: str = ''
    tags: list = field(default_factory=list)
    is_gift_card: bool = False
    variants: list = field(default_factory=list)
    created_at: datetime | None = None
    updated_at: datetime | None = None
    published_at: datetime | None = None

    @property
    def has_only_default_variant(self):
        """Whether the product has no options."""
        return len(self.variants) == 1 and self.variants[0].is_default

    @property
    def variants_count(self):
        """How many variants."""
        return Count(len(self.variants))

    @property
    def total_inventory(self):
        """Units of all variants."""
        return sum(variant.inventory_quantity for variant in self.variants)
