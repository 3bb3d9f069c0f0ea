"""The settings of webhooks: who may be told, how often it is tried, and by which processes. A part of `Settings`."""

from typing import Literal

from pydantic import BaseModel, Field

from auteur.entrypoints.values import AuthoritiesFile, SingleHosts


class WebhookSettings(BaseModel, defer_build=True):
    """Who may be told of endings, and how often it is tried."""

    webhooks: Literal["public", "listed", "off"] = Field(
        "public",
        description="Receivers of webhooks. public: https: urls of public hosts, and those listed; "
        "listed: those of hosts listed; off: none, and nothing is sent.",
    )
    webhook_hosts: SingleHosts = Field(
        "",
        description="Hosts by comma, name or name:port, that may receive webhooks though they are of a private network "
        "or answer at another port than 443.",
    )
    webhook_http: bool = Field(False, description="Whether listed hosts may also be told by http:, with their port.")
    webhook_ca_file: AuthoritiesFile = Field(
        None, description="Certificate authorities in PEM that receivers are checked against beside the public ones."
    )
    webhook_deliver: bool = Field(
        True, description="Whether this process delivers; false where it cannot reach receivers, and others do."
    )
    webhook_timeout: float = Field(10, gt=0, le=60, description="How long one attempt may take, answer included.")
    webhook_concurrency: int = Field(32, ge=1, le=1000, description="Attempts of one process at a time.")
    webhook_first_retry: float = Field(
        5, ge=0.01, le=3600, description="When an attempt is repeated; then after three times as long each time."
    )
    webhook_longest_retry: float = Field(4 * 3600, ge=0.01, le=86_400, description="The longest time between two.")
    webhook_give_up: float = Field(
        86_400,
        ge=1,
        le=30 * 86_400,
        description="How old a message may be to be tried again; then it is a dead letter.",
    )
    webhook_dead_days: float = Field(30, gt=0, le=3650, description="How long dead letters are kept.")
    webhook_secret_overlap: float = Field(
        86_400, ge=0, le=30 * 86_400, description="How long a secret counts still after a new one was drawn."
    )
    max_webhooks: int = Field(20, ge=0, le=100, description="Webhooks of a project, those of its tasks not counted.")
