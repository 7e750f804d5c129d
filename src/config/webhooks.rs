//! Where this site's webhooks may be sent.

use super::{Networks, parse::Reader, providers::yes_or_no};

/// What the operator allows of the addresses that coaches and admins type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhooksConfig {
    /// `ALLOW_HTTP_WEBHOOKS`: whether they may begin with `http://`.
    pub allow_http: bool,
    /// `WEBHOOK_NETWORKS`: networks that are not public and that they may lead to.
    pub networks: Networks,
}

pub(super) fn read(reader: &mut Reader<'_>) -> WebhooksConfig {
    WebhooksConfig {
        allow_http: reader.read("ALLOW_HTTP_WEBHOOKS", yes_or_no, || false),
        networks: reader.read("WEBHOOK_NETWORKS", Networks::parse, Networks::default),
    }
}
