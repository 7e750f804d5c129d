//! The problems that many endpoints have in common, for the document: `responses(..., Always, WithToken, WithBody)`.

use utoipa::IntoResponses;

use super::problem::ProblemBody;

/// What any endpoint may answer.
#[derive(IntoResponses)]
pub enum Always {
    /// `not_acceptable`: `Accept` asks for something else than JSON.
    #[response(status = 406, content_type = "application/problem+json")]
    NotAcceptable(ProblemBody),
    /// `invalid_field`: a field is missing, unknown, or not as it should be.
    #[response(status = 422, content_type = "application/problem+json")]
    InvalidField(ProblemBody),
    /// `too_many_requests`; `Retry-After` says when to go on.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(ProblemBody),
    /// `internal`: our fault; `request_id` names the request in the log.
    #[response(status = 500, content_type = "application/problem+json")]
    Internal(ProblemBody),
    /// `unavailable`: worth trying again soon; `Retry-After` says when.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(ProblemBody),
}

/// What an endpoint may answer that looks at the token. One that works without a token refuses a bad one all the same.
#[derive(IntoResponses)]
pub enum WithToken {
    /// `unauthorized` or `invalid_token`: no token came, or it is unknown, expired or revoked.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(ProblemBody),
    /// `forbidden` or `read_only_token`: whoever asks may not do this, or not with this token.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(ProblemBody),
}

/// What an endpoint may answer that takes a body.
#[derive(IntoResponses)]
pub enum WithBody {
    /// `malformed`: the body is not JSON.
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(ProblemBody),
    /// `too_large`: the body is too large.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(ProblemBody),
    /// `unsupported_media_type`: the body is to be JSON.
    #[response(status = 415, content_type = "application/problem+json")]
    UnsupportedMediaType(ProblemBody),
}

/// What an endpoint may answer that is about one thing.
#[derive(IntoResponses)]
pub enum OfOne {
    /// `not_found`: there is no such thing, or none for whoever asks.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(ProblemBody),
}
