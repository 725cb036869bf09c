"""A project with its own graph, job, schedule and executor, to which a subscription is added in code."""

from pathlib import Path

import dagster as dg

from akeneo_assets import Subscription, build_definitions


@dg.asset(group_name="dbt", kinds={"dbt"})
def dbt_orders() -> None:
    """Represents a model of a dbt project."""


@dg.asset(group_name="dbt", kinds={"dbt"}, deps=[dbt_orders, dg.AssetKey(["shop", "ipaas", "products"])])
def dbt_sales_by_product() -> None:
    """Represents a dbt model that is built after the products are synced."""


_settings = {
    "akeneo_api_url": "{{ env.SHOP_AKENEO_URL }}",
    "akeneo_client_id": "{{ env.SHOP_AKENEO_CLIENT_ID }}",
    "akeneo_client_secret": "{{ env.SHOP_AKENEO_CLIENT_SECRET }}",
    "akeneo_username": "{{ env.SHOP_AKENEO_USERNAME }}",
    "akeneo_password": "{{ env.SHOP_AKENEO_PASSWORD }}",
    "ipaas_api_url": "{{ env.SHOP_IPAAS_URL }}",
    "ipaas_username": "{{ env.SHOP_IPAAS_USERNAME }}",
    "ipaas_password": "{{ env.SHOP_IPAAS_PASSWORD }}",
    "ipaas_subscription_id": "{{ env.SHOP_IPAAS_SUBSCRIPTION_ID }}",
}

defs = dg.Definitions.merge(
    dg.Definitions(
        assets=[dbt_orders, dbt_sales_by_product],
        # The same name as a job of akeneo_assets.
        jobs=[dg.define_asset_job("structure", selection=[dbt_orders])],
        schedules=[
            dg.ScheduleDefinition(
                name="nightly_orders", target=dg.AssetSelection.assets(dbt_orders), cron_schedule="@daily"
            )
        ],
        resources={"engine": dg.ResourceDefinition.hardcoded_resource("their own engine")},
        executor=dg.multiprocess_executor,
    ),
    build_definitions(Subscription("shop", _settings)),
    # Further subscriptions, each with a defs.yaml: `dg scaffold defs akeneo_assets.AkeneoToIpaas eu`.
    dg.load_from_defs_folder(path_within_project=Path(__file__).parent),
)
