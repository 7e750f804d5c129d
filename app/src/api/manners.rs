//! What HTTP asks of every endpoint.

use axum::{
    extract::Request,
    http::{HeaderMap, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{codes::Code, problem::Problem};

/// Refuses whoever accepts no JSON (RFC 9110, 15.5.7). Whoever says nothing accepts it.
pub async fn accept(request: Request, next: Next) -> Response {
    if takes_json(request.headers()) {
        next.run(request).await
    } else {
        Problem::new(Code::NotAcceptable, "Answers are application/json.").into_response()
    }
}

/// Whether `Accept` lets an answer be JSON. What cannot be read is not taken for a refusal.
fn takes_json(headers: &HeaderMap) -> bool {
    let mut ranges =
        headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).peekable();
    if ranges.peek().is_none() {
        return true;
    }
    ranges.any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
        let refused = parts.any(|parameter| parameter.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q <= 0.0)));
        !refused && matches!(kind.as_str(), "" | "*/*" | "application/*" | "application/json" | "application/problem+json")
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn who_takes_json() {
        for (accept, taken) in [
            ("*/*", true),
            ("text/html, application/json;q=0.5", true),
            ("application/*", true),
            ("application/problem+json", true),
            ("Application/JSON", true),
            ("text/html", false),
            ("text/html, application/json;q=0", false),
            ("image/png;q=1", false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(takes_json(&headers), taken, "{accept}");
        }
        assert!(takes_json(&HeaderMap::new()));
    }
}
