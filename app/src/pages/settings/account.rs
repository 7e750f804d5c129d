//! Name, zone, password and sign-ins, for everyone.

use axum::{
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::Deserialize;
use wellmet::{
    accounts::{ChangePasswordError, ProfileError},
    model::FieldErrors,
};

use super::show::{Sent, Tab, path, render};
use crate::{
    pages::login::{in_words, wait},
    server::{Form, PageContext, PageError, SignedIn, cookies, see_other},
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Account {
    #[serde(default)]
    name: String,
    #[serde(default)]
    time_zone: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Passwords {
    #[serde(default)]
    current_password: String,
    #[serde(default)]
    new_password: String,
    #[serde(default)]
    end_tokens: bool,
}

pub(super) async fn update(
    SignedIn(identity): SignedIn,
    context: PageContext,
    Form(given, form): Form<Account>,
) -> Result<Response, PageError> {
    match context.app.accounts.update_profile(identity.actor(), &given.name, &given.time_zone).await {
        Ok(()) => Ok(see_other(&format!("{}?tab=profile&done=saved", path(identity.role())))),
        Err(ProfileError::Invalid(errors)) => {
            let sent = Sent { account: Some(form.failed(errors)), ..Sent::default() };
            render(&context, &identity, Tab::Profile, sent).await
        }
        Err(ProfileError::Internal(error)) => Err(error.into()),
    }
}

pub(super) async fn change_password(
    SignedIn(identity): SignedIn,
    context: PageContext,
    headers: HeaderMap,
    Form(given, form): Form<Passwords>,
) -> Result<Response, PageError> {
    let secret = cookies::sign_in_secret(&headers, context.app.config.public_url.is_https()).ok_or(PageError::Forbidden)?;
    let passwords = (given.current_password.as_str(), given.new_password.as_str());
    let changed = context.app.accounts.change_password(identity.actor(), passwords, &secret, given.end_tokens).await;
    let (errors, again) = match changed {
        Ok(()) => return Ok(see_other(&format!("{}?tab=security&done=password", path(identity.role())))),
        Err(ChangePasswordError::Internal(error)) => return Err(error.into()),
        Err(ChangePasswordError::Invalid(errors)) => (errors, None),
        Err(ChangePasswordError::TooMany { retry_after }) => {
            let words = format!("Too many wrong passwords. Try again in {}.", in_words(retry_after));
            (FieldErrors::one("current_password", words), Some(retry_after))
        }
    };
    let sent = Sent { password: Some(form.failed(errors)), ..Sent::default() };
    let mut response = render(&context, &identity, Tab::Security, sent).await?;
    if let Some(again) = again {
        *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
        response = wait(response, again);
    }
    Ok(response)
}

pub(super) async fn sign_out_others(SignedIn(identity): SignedIn, context: PageContext, headers: HeaderMap) -> Result<Response, PageError> {
    let secret = cookies::sign_in_secret(&headers, context.app.config.public_url.is_https()).ok_or(PageError::Forbidden)?;
    context.app.accounts.sign_out_everywhere(identity.actor(), Some(&secret)).await?;
    Ok(see_other(&format!("{}?tab=security&done=signed-out-others", path(identity.role()))))
}
