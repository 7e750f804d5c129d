//! Whose webhooks a page is about, by its address and by who asks.

use axum::{extract::FromRequestParts, http::request::Parts};
use wellmet::{notices::webhooks::Keeper, time::Zone};

use crate::{
    components::Nav,
    server::{AppState, PageError, SignedInAdmin, SignedInCoach},
};

/// Where a coach's are.
pub(super) const COACH: &str = "/dashboard/webhooks";
/// Where the site's are.
pub(super) const SITE: &str = "/admin/webhooks";

/// Whose webhooks these are. Who is signed in in another role sees the 403 page.
#[derive(Debug, Clone)]
pub(super) struct Keeping {
    pub(super) keeper: Keeper,
    /// Before everything about one of them.
    pub(super) base: &'static str,
    /// The list of them.
    pub(super) list: &'static str,
    pub(super) nav: Nav,
    /// The zone of whoever looks, for times.
    pub(super) zone: Zone,
}

impl FromRequestParts<AppState> for Keeping {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, PageError> {
        let site = parts.uri.path().starts_with(SITE);
        let (keeper, identity): (Keeper, _) = if site {
            let SignedInAdmin(admin, identity) = SignedInAdmin::from_request_parts(parts, app).await?;
            (admin.into(), identity)
        } else {
            let SignedInCoach(coach, identity) = SignedInCoach::from_request_parts(parts, app).await?;
            (coach.into(), identity)
        };
        let zone = Zone::parse(identity.time_zone()).unwrap_or_else(Zone::utc);
        Ok(if site {
            Self { keeper, base: SITE, list: SITE, nav: Nav::Admin, zone }
        } else {
            Self { keeper, base: COACH, list: "/dashboard/settings?tab=notices", nav: Nav::Settings, zone }
        })
    }
}
