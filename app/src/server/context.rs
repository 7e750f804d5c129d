//! What every page knows about the request it answers.

use std::sync::{Arc, OnceLock};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, Uri, header, request::Parts},
};
use wellmet::accounts::Identity;

use super::{AppState, LocalPath, PageError, Viewer, cookies, flash::Flash};
use crate::components::Theme;

/// Who looks at which page, in which theme. Handlers take it and hand it to [`super::page`].
#[derive(Clone)]
pub struct PageContext {
    /// Who is signed in.
    pub viewer: Option<Identity>,
    /// The theme they chose.
    pub theme: Theme,
    /// The zone in the browser's cookie. Untrusted: it may be no zone at all.
    pub time_zone: Option<String>,
    /// The path and query of the page, for links back to it. After a form: of the page that the form was on.
    pub here: LocalPath,
    /// What was just done, by the code in `?done=`.
    pub flash: Option<Flash>,
    /// The services.
    pub app: AppState,
}

impl PageContext {
    /// From a request's head, for `viewer`.
    pub fn new(app: &AppState, method: &Method, uri: &Uri, headers: &HeaderMap, viewer: Option<Identity>) -> Self {
        Self {
            viewer,
            theme: cookies::value(headers, cookies::THEME).and_then(|word| Theme::parse(&word)).unwrap_or_default(),
            time_zone: cookies::value(headers, cookies::TIME_ZONE).map(|zone| zone.replace("%2F", "/")),
            here: way_back(method, uri, headers),
            flash: Flash::of_query(uri.query()),
            app: app.clone(),
        }
    }
}

/// The page itself, or for a form the page it was on: its own address may take nothing but the form.
pub(super) fn way_back(method: &Method, uri: &Uri, headers: &HeaderMap) -> LocalPath {
    let path = if *method == Method::GET {
        uri.path_and_query().and_then(|path| LocalPath::parse(path.as_str()))
    } else {
        headers.get(header::REFERER).and_then(|url| LocalPath::of_url(url.to_str().ok()?))
    };
    path.unwrap_or_else(LocalPath::home)
}

impl FromRequestParts<AppState> for PageContext {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, PageError> {
        let Viewer(viewer) = Viewer::from_request_parts(parts, app).await?;
        Ok(Self::new(app, &parts.method, &parts.uri, &parts.headers, viewer))
    }
}

/// Who is signed in, found out at most once in a request. Error pages read it and never ask the database.
#[derive(Clone, Default)]
pub struct ViewerSlot(Arc<OnceLock<Option<Identity>>>);

impl ViewerSlot {
    /// Who it is, if that was found out.
    pub fn get(&self) -> Option<Option<Identity>> {
        self.0.get().cloned()
    }

    /// Notes who it is.
    pub fn set(&self, viewer: Option<Identity>) {
        // A second note in the same request says the same.
        let _ = self.0.set(viewer);
    }
}
