//! Logins by a provider of identities that Keystone trusts: `OpenID` Connect, without a person at a browser.
//!
//! The provider gives an access token for a client's or a user's secret; what stands before Keystone gives a
//! token of Keystone's for that, which is good for nothing until it is exchanged for one of a project.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use url::Url;

use crate::drivers::openstack::http::{Answer, Http, Request, TimeLimit};
use crate::drivers::openstack::service_error;
use crate::{Error, Kind, Result, Secret};

/// A login by a provider of identities.
#[derive(Debug, Clone)]
pub(in crate::drivers::openstack) struct OpenId {
    /// What Keystone calls it.
    pub(in crate::drivers::openstack) provider: String,
    /// What Keystone calls the way in which it is asked.
    pub(in crate::drivers::openstack) protocol: String,
    pub(in crate::drivers::openstack) grant: Grant,
}

/// Where the access token comes from.
#[derive(Debug, Clone)]
pub(in crate::drivers::openstack) enum Grant {
    /// Somebody has got it already.
    Given(Secret),
    /// The provider of identities is asked.
    Asked(Box<Ask>),
}

/// What a provider of identities is asked with.
#[derive(Debug, Clone)]
pub(in crate::drivers::openstack) struct Ask {
    pub(in crate::drivers::openstack) place: Place,
    pub(in crate::drivers::openstack) client: String,
    /// None of a public client.
    pub(in crate::drivers::openstack) client_secret: Option<Secret>,
    /// Whose password is given; none where the client is who logs in.
    pub(in crate::drivers::openstack) user: Option<(String, Secret)>,
    pub(in crate::drivers::openstack) scope: String,
    /// Which of the tokens that it gives is shown to Keystone.
    pub(in crate::drivers::openstack) token_type: String,
}

/// Where a provider of identities gives tokens.
#[derive(Debug, Clone)]
pub(in crate::drivers::openstack) enum Place {
    /// Here.
    Endpoint(Url),
    /// Where the document here says.
    Discovery(Url),
}

impl fmt::Display for OpenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.grant {
            Grant::Given(_) => f.write_str("the access token's owner")?,
            Grant::Asked(ask) => match &ask.user {
                Some((name, _)) => write!(f, "the user {name:?}")?,
                None => write!(f, "the client {:?}", ask.client)?,
            },
        }
        write!(f, " of the identity provider {}", self.provider)
    }
}

impl OpenId {
    pub(super) fn secrets(&self) -> Vec<&Secret> {
        match &self.grant {
            Grant::Given(token) => vec![token],
            Grant::Asked(ask) => {
                let password = ask.user.as_ref().map(|(_, password)| password);
                ask.client_secret.iter().chain(password).collect()
            }
        }
    }

    /// A token of the Keystone at `base` that has no scope.
    pub(super) fn unscoped(&self, http: &Http, base: &Url, limit: &TimeLimit) -> Result<Secret> {
        let access = self.access(http, limit)?;
        let mut url = base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            let (provider, protocol) = (self.provider.as_str(), self.protocol.as_str());
            path.extend(["OS-FEDERATION", "identity_providers", provider]);
            path.extend(["protocols", protocol, "auth"]);
        }
        let request = Request::new(Method::POST, url)
            .header("Authorization", format!("Bearer {}", access.expose()))
            .repeatable();
        let answer = send(
            http,
            &request,
            limit,
            "Keystone",
            "/provider/identity_provider",
        )?;
        if let (true, Some(token)) = (
            answer.status().is_success(),
            answer.header("x-subject-token"),
        ) {
            let token = Secret::new(token.to_owned());
            http.hide_token(&token);
            return Ok(token);
        }
        let (field, why) = match (answer.status().as_u16(), &self.grant) {
            (401, Grant::Given(_)) => (
                "access_token",
                "it is expired, or no token of that provider",
            ),
            (401, Grant::Asked(_)) => (
                "identity_provider",
                "it does not take what that provider answers",
            ),
            _ => ("identity_provider", "it has no such provider and protocol"),
        };
        let message = format!(
            "Keystone refuses {self} (identity_provider {:?}, protocol {:?}): {why}",
            self.provider, self.protocol
        );
        Err(Error::new(Kind::AuthFailed, message)
            .with_field(format!("/provider/{field}"))
            .with_source(service_error::quoted(&answer)))
    }

    /// The access token.
    fn access(&self, http: &Http, limit: &TimeLimit) -> Result<Secret> {
        let ask = match &self.grant {
            Grant::Given(token) => return Ok(token.clone()),
            Grant::Asked(ask) => ask,
        };
        let endpoint = match &ask.place {
            Place::Endpoint(url) => url.clone(),
            Place::Discovery(url) => discover(http, url, limit)?,
        };
        let mut form = vec![("scope", ask.scope.as_str())];
        match &ask.user {
            None => form.push(("grant_type", "client_credentials")),
            Some((name, password)) => form.extend([
                ("grant_type", "password"),
                ("username", name),
                ("password", password.expose()),
            ]),
        }
        let mut request = Request::new(Method::POST, endpoint.clone());
        if let Some(secret) = &ask.client_secret {
            let pair = STANDARD.encode(format!("{}:{}", ask.client, secret.expose()));
            request = request.header("Authorization", format!("Basic {pair}"));
        } else {
            form.push(("client_id", &ask.client));
        }
        let request = request.form(&form);
        let whom = "the provider of identities";
        let answer = send(
            http,
            &request,
            limit,
            whom,
            "/provider/access_token_endpoint",
        )?;
        let value = answer.value().unwrap_or_default();
        match value[&ask.token_type].as_str() {
            Some(token) if answer.status().is_success() => {
                let token = Secret::new(token.to_owned());
                http.hide_token(&token);
                Ok(token)
            }
            _ => {
                let message = format!(
                    "{whom} ({}) gives {self} no {}{}",
                    endpoint.origin().ascii_serialization(),
                    ask.token_type,
                    value["error"]
                        .as_str()
                        .map_or_else(String::new, |why| format!(": {why}"))
                );
                let field = match ask.user {
                    Some(_) if value["error"] == "invalid_grant" => "/provider/password",
                    _ if ask.client_secret.is_none() => "/provider/client_id",
                    _ => "/provider/client_secret",
                };
                let error = Error::new(Kind::AuthFailed, message).with_field(field);
                // what is given as no JSON may have the tokens in it
                Err(if answer.status().is_success() {
                    error
                } else {
                    error.with_source(service_error::quoted(&answer))
                })
            }
        }
    }
}

/// Where the provider whose document is at `url` gives tokens.
fn discover(http: &Http, url: &Url, limit: &TimeLimit) -> Result<Url> {
    let request = Request::get(url.clone());
    let whom = "the provider of identities";
    let answer = send(http, &request, limit, whom, "/provider/discovery_endpoint")?;
    let value = answer.value().unwrap_or_default();
    let endpoint = value["token_endpoint"].as_str().map(Url::parse);
    match endpoint {
        // what was found out by https is not answered by http
        Some(Ok(found)) if found.scheme() == url.scheme() || found.scheme() == "https" => Ok(found),
        _ => {
            let message = format!("{url} does not say where access tokens are given");
            Err(Error::invalid("/provider/discovery_endpoint", message))
        }
    }
}

fn send(
    http: &Http,
    request: &Request,
    limit: &TimeLimit,
    whom: &str,
    field: &str,
) -> Result<Answer> {
    http.send(request, limit).map_err(|error| {
        let place = request.url().origin().ascii_serialization();
        error
            .to_error(&format!("{whom} ({place})"))
            .with_field(field)
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::drivers::openstack::http::{Tls, answering};
    use crate::transaction::Cancel;

    #[test]
    fn a_token_that_is_given_in_another_form_is_not_shown() {
        let long = Duration::from_secs(60);
        let http = Http::new(&Tls::default(), long).unwrap();
        let limit = TimeLimit::new(long, &Cancel::default());
        let asked = |status, body: &str| {
            let openid = OpenId {
                provider: "people".to_owned(),
                protocol: "openid".to_owned(),
                grant: Grant::Asked(Box::new(Ask {
                    place: Place::Endpoint(answering(vec![(status, body.to_owned())])),
                    client: "demo".to_owned(),
                    client_secret: Some(Secret::new("hunter2".to_owned())),
                    user: None,
                    scope: "openid".to_owned(),
                    token_type: "access_token".to_owned(),
                })),
            };
            format!("{:?}", openid.access(&http, &limit).unwrap_err())
        };
        let given = asked("200 OK", "access_token=gAAAABsecret&token_type=bearer");
        assert!(!given.contains("gAAAAB"), "{given}");
        let refused = asked("401 Unauthorized", "no such client");
        assert!(refused.contains("no such client"), "{refused}");
    }
}
