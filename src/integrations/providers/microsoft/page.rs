use reqwest::{RequestBuilder, header::HeaderValue};
use serde::{Deserialize, de::DeserializeOwned};
use url::Url;

use super::{Access, CallError, Microsoft};
use crate::integrations::http::Reply;

/// More pages than this are a page that leads to itself.
const PAGES: usize = 200;

#[derive(Deserialize)]
struct Page<T> {
    value: Vec<T>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
}

/// `request`, answered with times in UTC and ids that outlast a move to another folder.
pub(super) fn preferring(request: RequestBuilder) -> RequestBuilder {
    let prefer = |request: RequestBuilder, what| request.header("prefer", HeaderValue::from_static(what));
    prefer(prefer(request, "outlook.timezone=\"UTC\""), "IdType=\"ImmutableId\"")
}

impl Microsoft {
    /// The address of `path` under the configured one, each part escaped.
    pub(super) fn address(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Url, CallError> {
        let mut url = Url::parse(&self.graph_url).map_err(|_| CallError::Refused(0))?;
        url.path_segments_mut().map_err(|()| CallError::Refused(0))?.extend(path);
        url.query_pairs_mut().extend_pairs(query);
        Ok(url)
    }

    /// All items from `first` on, page by page; `meaning` tells what an answer means that is no success.
    pub(super) async fn pages<T: DeserializeOwned>(
        &self,
        with: &Access<'_>,
        first: Url,
        meaning: fn(&Reply) -> CallError,
    ) -> Result<Vec<T>, CallError> {
        let (mut items, mut url) = (Vec::new(), first.clone());
        for _ in 0..PAGES {
            let request = preferring(self.oauth.http.client().get(url)).bearer_auth(with.secret.expose());
            let reply = self.oauth.http.send(request).await?;
            if !reply.status.is_success() {
                return Err(meaning(&reply));
            }
            let page: Page<T> = reply.json()?;
            items.extend(page.value);
            match page.next {
                Some(next) => url = self.following(&next)?,
                None => return Ok(items),
            }
        }
        Err(CallError::BadAnswer("a list without an end"))
    }

    /// A link to the next page, if it stays with the API: the token goes nowhere else.
    fn following(&self, next: &str) -> Result<Url, CallError> {
        let (Ok(next), Ok(home)) = (Url::parse(next), Url::parse(&self.graph_url)) else {
            return Err(CallError::BadAnswer("a next page that is no address"));
        };
        let inside = next.path().strip_prefix(home.path().trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'));
        let plain = next.username().is_empty() && next.password().is_none();
        if next.origin() == home.origin() && inside && plain { Ok(next) } else { Err(CallError::BadAnswer("a next page somewhere else")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::{Client, MicrosoftConfig},
        integrations::http::Http,
    };

    fn graph() -> Microsoft {
        let config = MicrosoftConfig {
            client: Some(Client { id: "us".to_owned(), secret: "s".into() }),
            auth_url: "https://login.example/authorize".to_owned(),
            token_url: "https://login.example/token".to_owned(),
            graph_url: "https://graph.example/v1.0".to_owned(),
        };
        Microsoft::of_config(&config, &Http::new().unwrap()).unwrap()
    }

    #[test]
    fn the_token_follows_no_link_out_of_the_api() {
        assert!(graph().following("https://graph.example/v1.0/me/calendars?$skip=10").is_ok());
        for elsewhere in [
            "https://evil.example/v1.0/me/calendars",
            "http://graph.example/v1.0/me/calendars",
            "https://graph.example:8443/v1.0/me",
            "https://graph.example/v1.0evil/me",
            "https://graph.example/beta/me",
            "https://graph.example/v1.0/../beta/me",
            "https://u:p@graph.example/v1.0/me",
            "/v1.0/me",
        ] {
            assert!(graph().following(elsewhere).is_err(), "{elsewhere}");
        }
    }

    #[test]
    fn an_id_cannot_leave_its_place_in_the_path() {
        let url = graph().address(&["me", "calendars", "a/../b?c=#", "calendarView"], &[("$top", "1")]).unwrap();
        assert_eq!(url.as_str(), "https://graph.example/v1.0/me/calendars/a%2F..%2Fb%3Fc=%23/calendarView?%24top=1");
    }
}
