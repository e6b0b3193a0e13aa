"""What stands around the workspaces and can be sent: the source, targets, services, and images that were fetched."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from stopdesk.domain.settings import Service
from stopdesk.domain.target import Target
from stopdesk.samp.exchange import Peer
from stopdesk.samp.messages import IMAGE, OFFERS_RESOURCES, POINT_AT
from stopdesk.samp.tables import LOADS_TABLE
from stopdesk.ui.aiming import Aim
from stopdesk.ui.samp.offers import Offer, Send, short
from stopdesk.ui.samp.parcels import ImageParcel, TableParcel
from stopdesk.ui.samp.sending import Sendings
from stopdesk.ui.samp.shared_tables import PREFIX
from stopdesk.ui.source_bar import SourceBar
from stopdesk.vo.content import Content
from stopdesk.vo.download import Fetched

if TYPE_CHECKING:
    from astropy.table import Table

_IMAGES = (Content.FITS_IMAGE, Content.FITS_CUBE)


def source_offers(bar: SourceBar, aim: Aim, sendings: Sendings) -> tuple[Offer, ...]:
    """The position of the source, which is looked up where only a name is known."""

    def title() -> str:
        source = bar.source
        what = source.name.strip() or source.position.strip()
        return f"Position of {short(what)}" if what else ""

    def send(peers: tuple[Peer, ...]) -> None:
        def found(target: Target) -> None:
            sendings.point_at(target.name, target.position.ra, target.position.dec, peers)

        aim.locate(found)

    return (Offer(title, (POINT_AT,), lambda: send),)


def target_offers(
    targets: Callable[[], Sequence[Target]], selected: Callable[[], Sequence[Target]], sendings: Sendings
) -> tuple[Offer, ...]:
    """Tables of targets, and the position of the selected one."""

    def all_title() -> str:
        n = len(targets())
        return f"All targets ({n:,})" if n else ""

    def some_title() -> str:
        n = len(selected())
        return f"Selected targets ({n:,})" if 0 < n < len(targets()) else ""

    def one_title() -> str:
        chosen = selected()
        return f"Position of {short(chosen[0].name)}" if len(chosen) == 1 else ""

    def take(which: Callable[[], Sequence[Target]]) -> Send | None:
        chosen = tuple(which())
        return partial(sendings.send_table, target_parcel(chosen)) if chosen else None

    def take_position() -> Send | None:
        chosen = selected()
        if len(chosen) != 1:
            return None
        return partial(sendings.point_at, chosen[0].name, chosen[0].position.ra, chosen[0].position.dec)

    return (
        Offer(all_title, LOADS_TABLE, partial(take, targets)),
        Offer(some_title, LOADS_TABLE, partial(take, selected)),
        Offer(one_title, (POINT_AT,), take_position),
    )


def target_parcel(targets: Sequence[Target]) -> TableParcel:
    """Targets as a table; the same targets are the same table to others."""
    content = "\n".join(f"{target.key} {target.source}" for target in targets)
    table_id = f"{PREFIX}{hashlib.sha256(content.encode()).hexdigest()[:20]}-targets"
    return TableParcel(table_id, "Targets", len(targets), lambda _: _target_table(targets))


def _target_table(targets: Sequence[Target]) -> Table:
    from astropy.table import Column, Table  # late: slow to import

    made = Table()
    degrees = (("ra", "Right ascension"), ("dec", "Declination"))
    texts = (
        ("name", "meta.id;meta.main", "What it is called here", [each.name for each in targets]),
        ("main_name", "meta.id", "What the resolver calls it", [each.main_name for each in targets]),
        ("object_type", "src.class", "Type of object", [each.object_type for each in targets]),
        ("source", "meta.bib", "Who gave the position", [each.source for each in targets]),
        ("date", "time", "When", [each.date.isoformat() if each.date is not None else "" for each in targets]),
    )

    def put_text(name: str, ucd: str, about: str, cells: list[str]) -> None:
        made[name] = Column(cells, dtype=object, description=about, meta={"ucd": ucd})

    put_text(*texts[0])
    for name, words in degrees:
        values = [getattr(each.position, name) for each in targets]
        meta = {"ucd": f"pos.eq.{name};meta.main"}
        made[name] = Column(values, dtype=float, unit="deg", description=f"{words} (ICRS)", meta=meta)
    for each in texts[1:]:
        put_text(*each)
    made.meta["name"] = "Targets"
    return made


def service_offers(
    services: Callable[[], Sequence[Service]], current: Callable[[], Service | None], sendings: Sendings
) -> tuple[Offer, ...]:
    """Services that have an identifier in the registry: the one that is shown, and all."""

    def known() -> list[Service]:
        return [service for service in services() if service.ivoid]

    def one_title() -> str:
        service = current()
        return short(service.name or service.ivoid) if service is not None and service.ivoid else ""

    def all_title() -> str:
        n = len(known())
        return f"All that the registry gave ({n:,})" if n > 1 else ""

    def take_one() -> Send | None:
        service = current()
        return None if service is None else partial(sendings.send_services, (service,))

    return (
        Offer(one_title, OFFERS_RESOURCES, take_one),
        Offer(all_title, OFFERS_RESOURCES, lambda: partial(sendings.send_services, known())),
    )


def image_offers(fetched: Fetched, sendings: Sendings) -> tuple[Offer, ...]:
    """A file that was fetched, where it is an image or a cube; nothing else."""
    if fetched.content not in _IMAGES:
        return ()
    image = ImageParcel(fetched.path, fetched.name, fetched.url)
    return (Offer(lambda: short(fetched.name), (IMAGE,), lambda: partial(sendings.send_image, image)),)
