"""The needs a service can meet: codes shared with understanding and exports, so none is ever renamed."""

NEEDS = (
    "documentation",
    "hlp",
    "legal_aid",
    "return",
    "reintegration",
    "resettlement",
    "shelter",
    "household_items",
    "cash",
    "food",
    "wash",
    "hygiene_kits",
    "health",
    "maternal_child_health",
    "mhpss",
    "gbv",
    "counter_trafficking",
    "child_protection",
    "disability_support",
    "elderly_support",
    "livelihoods",
    "vocational_training",
    "business_grant",
    "education",
    "community_centre",
    "camp_services",
    "migrant_support",
    "refugee_support",
)

# Where people are helped with these is told to nobody but those who are expected.
CONFIDENTIAL = frozenset({"gbv", "counter_trafficking", "child_protection"})
