"""The scenes, one module each, in the order they are played. Scene 6, the power cut, needs incidents."""

from __future__ import annotations

from policyservice.cli.demo.scenes import (
    breakfast,
    courier,
    courtesy,
    gift_card,
    invoice,
    law_or_policy,
    monthly_service,
    payment_abroad,
    shirt,
    wrong_tap,
)
from policyservice.cli.demo.steps import Scene

SCENES: tuple[Scene, ...] = (
    breakfast.SCENE,
    monthly_service.SCENE,
    wrong_tap.SCENE,
    shirt.SCENE,
    invoice.SCENE,
    law_or_policy.SCENE,
    payment_abroad.SCENE,
    gift_card.SCENE,
    courier.SCENE,
    courtesy.SCENE,
)
