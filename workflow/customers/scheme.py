"""The scheme a deployment grades its customers by, as its settings say."""

from __future__ import annotations

from decimal import Decimal

from workflow.customers.tiers import RevenueScheme, ScoreScheme
from workflow.settings import Tiers


def scheme_of(tiers: Tiers) -> ScoreScheme | RevenueScheme:
    if tiers.scheme == "revenue":
        return RevenueScheme(diamond=tiers.revenue_diamond, gold=tiers.revenue_gold, silver=tiers.revenue_silver)
    return ScoreScheme(
        full_revenue=tiers.score_full_revenue,
        full_share=Decimal(str(tiers.score_full_share)),
        diamond=tiers.score_diamond,
        gold=tiers.score_gold,
        silver=tiers.score_silver,
    )
