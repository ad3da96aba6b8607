"""Builds the services over the core, and joins those that need each other.

Owns the list of services that routes call. Must never hold a rule.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.fetch.fetcher import Fetcher
from catalog.fetch.regions import RegionFetcher
from catalog.fetch.url_filter import UrlFilter
from catalog.index.feed import Feed
from catalog.index.table import Table
from catalog.schemas.validation import ImageValidator
from catalog.service.addresses import Addresses
from catalog.service.core import Core
from catalog.service.deletion import Deletions
from catalog.service.download import Downloads
from catalog.service.image_cache import CacheCalls
from catalog.service.images import Images
from catalog.service.imports.parts import ImportParts, Sources, build_imports
from catalog.service.listing import Listing
from catalog.service.locations.calls import Locations, build_locations
from catalog.service.members import Members
from catalog.service.metadefs.services import Metadefs, build_metadefs
from catalog.service.prefetch import Prefetcher, start_prefetching
from catalog.service.representation import LocationView
from catalog.service.store_info import StoreInfo
from catalog.service.tasks.service import Tasks
from catalog.service.upload import Uploads
from catalog.service.upload_data import UploadData
from catalog.service.v1.services import V1Services, build_v1


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes call, and what has to be ended with the catalog."""

    core: Core
    validator: ImageValidator
    view: LocationView
    images: Images
    deletions: Deletions
    listing: Listing
    members: Members
    metadefs: Metadefs
    uploads: Uploads
    downloads: Downloads
    imports: ImportParts
    tasks: Tasks
    locations: Locations
    stores: StoreInfo
    cache: CacheCalls
    v1: V1Services
    data: UploadData
    prefetcher: Prefetcher | None

    def close(self) -> None:
        """End what runs in the background, and transfers as if their clients had gone."""
        self.tasks.close()
        if self.prefetcher is not None:
            self.prefetcher.close()
        self.data.stop()
        self.imports.close()


def build_services(core: Core, table: Table, feed: Feed, view: LocationView, validator: ImageValidator) -> Services:
    """Build all services. Raises SettingsError."""
    settings, url_filter = core.settings, UrlFilter(core.settings)
    fetcher = Fetcher(url_filter, settings, core.sleep)
    addresses = Addresses(core, url_filter.check)
    data = UploadData(core.home, core.cleanup, settings, core.usage)
    tasks = Tasks(core)
    sources = Sources(fetcher, RegionFetcher(settings, core.sleep), url_filter.check)
    imports = build_imports(core, tasks, data, validator, sources)
    downloads = Downloads(core, data.budget)
    images, deletions, uploads = Images(core, addresses), Deletions(core), Uploads(core, data)
    return Services(
        core=core,
        validator=validator,
        view=view,
        images=images,
        deletions=deletions,
        listing=Listing(table, feed, core.records.find_image, core.policy, settings, view),
        members=Members(core),
        metadefs=build_metadefs(core),
        uploads=uploads,
        downloads=downloads,
        imports=imports,
        tasks=tasks,
        locations=build_locations(core, tasks, addresses, imports.imports.preempt),
        stores=StoreInfo(core),
        cache=CacheCalls(core),
        v1=build_v1(core, images, deletions, uploads, addresses, tasks, fetcher, table, feed),
        data=data,
        prefetcher=start_prefetching(core, downloads),
    )
