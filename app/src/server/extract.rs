//! What a handler may ask of a request: who is asking, and ids that are ids.

use std::{convert::Infallible, net::SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts, Path},
    http::{HeaderName, header, request::Parts},
};
use serde::de::DeserializeOwned;
use wellmet::accounts::{AdminActor, ClientInfo, CoachActor, Identity, MenteeActor};

use super::{
    AppState, PageError,
    context::{ViewerSlot, way_back},
    cookies,
    form::complaint,
};

/// Who is signed in, if anyone.
#[derive(Debug, Clone)]
pub struct Viewer(pub Option<Identity>);

impl FromRequestParts<AppState> for Viewer {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, PageError> {
        let slot = parts.extensions.get_or_insert_default::<ViewerSlot>().clone();
        if let Some(known) = slot.get() {
            return Ok(Self(known));
        }
        let viewer = match cookies::sign_in_secret(&parts.headers, app.config.public_url.is_https()) {
            Some(secret) => app.accounts.authenticate(&secret).await?,
            None => None,
        };
        slot.set(viewer.clone());
        Ok(Self(viewer))
    }
}

/// Whoever is signed in, in any role. Nobody: to the sign-in page and back.
#[derive(Debug, Clone)]
pub struct SignedIn(pub Identity);

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, PageError> {
        let Viewer(viewer) = Viewer::from_request_parts(parts, app).await?;
        viewer.map(Self).ok_or_else(|| PageError::SignInFirst { next: way_back(&parts.method, &parts.uri, &parts.headers) })
    }
}

macro_rules! signed_in {
    ($($(#[$doc:meta])* $name:ident($actor:ident) by $role:ident),*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name(pub $actor, pub Identity);

        impl FromRequestParts<AppState> for $name {
            type Rejection = PageError;

            async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, PageError> {
                let SignedIn(identity) = SignedIn::from_request_parts(parts, app).await?;
                let actor = identity.$role().ok_or(PageError::Forbidden)?;
                Ok(Self(actor, identity))
            }
        }
    )*};
}

signed_in! {
    /// A signed-in mentee. Someone in another role sees the 403 page.
    SignedInMentee(MenteeActor) by mentee,
    /// A signed-in coach. Someone in another role sees the 403 page.
    SignedInCoach(CoachActor) by coach,
    /// A signed-in admin. Someone in another role sees the 403 page.
    SignedInAdmin(AdminActor) by admin
}

/// Where a request comes from, for limits on attempts.
#[derive(Debug, Clone)]
pub struct Client(pub ClientInfo);

impl FromRequestParts<AppState> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        let text = |name| parts.headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        let forwarded = text(HeaderName::from_static("x-forwarded-for")).collect::<Vec<_>>().join(",");
        let address = peer.map(|peer| app.config.trusted_proxies.client_address(peer, Some(&forwarded)));
        let agent = text(header::USER_AGENT).next().unwrap_or_default();
        Ok(Self(ClientInfo::new(address, agent)))
    }
}

/// The ids and names in the path: `PathOf(id): PathOf<BookingId>`, `PathOf((slug, id)): PathOf<(String, HoldId)>`.
/// What cannot be one names nothing: the 404 page.
#[derive(Debug, Clone)]
pub struct PathOf<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<AppState> for PathOf<T> {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, PageError> {
        let path = Path::<T>::from_request_parts(parts, app).await;
        path.map(|Path(path)| Self(path)).map_err(|_| PageError::NotFound)
    }
}

/// The query. Make every field an `Option` or a `Vec` and take what you do not understand for absent; what serde
/// refuses is a 400 page that names the field.
#[derive(Debug, Clone)]
pub struct QueryOf<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<AppState> for QueryOf<T> {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, PageError> {
        let query = parts.uri.query().unwrap_or_default();
        serde_html_form::from_str(query).map(Self).map_err(|error| {
            let values: Vec<(String, String)> = serde_html_form::from_str(query).unwrap_or_else(|_| Vec::new());
            PageError::Malformed(complaint::<T>("This address", &error.to_string(), &values))
        })
    }
}
