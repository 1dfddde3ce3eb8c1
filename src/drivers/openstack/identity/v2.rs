//! Tokens by Keystone v2.0, for clouds from before 2018 that have nothing newer.

use std::time::Instant;

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::catalog::{Catalog, EntryV2};
use super::login::{Login, Scope, Who};
use super::token::{Named, Token, renewal};
use crate::drivers::openstack::http::{Answer, Request};
use crate::{Error, Kind, Result, Secret};

/// The request for a token. There are no domains and no application credentials.
pub(super) fn request(url: Url, login: &Login, scope: &Scope) -> Result<Request> {
    Ok(Request::new(Method::POST, url)
        .json(&body(login, scope)?)?
        .repeatable())
}

fn body(login: &Login, scope: &Scope) -> Result<Value> {
    let unsupported = |what: &str| {
        Error::new(
            Kind::Unsupported,
            format!("this Keystone has v2.0 of its API only, which knows no {what}"),
        )
    };
    let mut auth = match login {
        Login::Password(Who::Name(name, _), password) => {
            json!({"passwordCredentials": {"username": name, "password": password.expose()}})
        }
        Login::Password(Who::Id(id), password) => {
            json!({"passwordCredentials": {"userId": id, "password": password.expose()}})
        }
        Login::Token(token) => json!({"token": {"id": token.expose()}}),
        Login::Application(..) => {
            return Err(unsupported("application credentials")
                .with_field("/provider/application_credential_secret"));
        }
        Login::Totp(..) | Login::Several(_) | Login::OpenId(_) | Login::Nowhere(_) => {
            return Err(unsupported("logins of this kind").with_field("/provider/auth_type"));
        }
    };
    match scope {
        Scope::Implied => {}
        Scope::Project(name, _) => auth["tenantName"] = json!(name),
        Scope::ProjectId(id) => auth["tenantId"] = json!(id),
        Scope::Domain(_) => {
            return Err(unsupported("domains").with_field("/provider/domain_scope"));
        }
        Scope::System => {
            return Err(unsupported("system scope").with_field("/provider/system_scope"));
        }
        Scope::Trust(_) => return Err(unsupported("trusts").with_field("/provider/trust_id")),
    }
    Ok(json!({"auth": auth}))
}

#[derive(Deserialize)]
struct Issued {
    access: Access,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Access {
    token: Body,
    user: Named,
    #[serde(default)]
    service_catalog: Vec<EntryV2>,
}

#[derive(Deserialize)]
struct Body {
    id: Secret,
    expires: Option<String>,
    issued_at: Option<String>,
    tenant: Option<Named>,
}

/// The token in `answer`, which was asked for at `asked`.
pub(super) fn token(answer: &Answer, asked: Instant) -> Result<Token> {
    let Issued { access } = answer.json()?;
    let token = access.token;
    Ok(Token {
        secret: token.id,
        user: access.user,
        project: token.tenant,
        domain: None,
        system: false,
        catalog: Catalog::from_v2(access.service_catalog),
        renewal: renewal(asked, token.issued_at.as_deref(), token.expires.as_deref()),
    })
}

#[cfg(test)]
mod tests {
    use super::super::login::{ApplicationCredential, Domain};
    use super::*;

    #[test]
    fn a_password_and_a_tenant_are_sent() {
        let who = Who::Name("demo".into(), Domain::default());
        let login = Login::Password(who, Secret::new("hunter2".into()));
        assert_eq!(
            body(&login, &Scope::Project("web".into(), Domain::default())).unwrap(),
            json!({"auth": {
                "passwordCredentials": {"username": "demo", "password": "hunter2"},
                "tenantName": "web",
            }})
        );
    }

    #[test]
    fn what_v2_does_not_know_is_refused() {
        let login = Login::Application(ApplicationCredential::Id("x".into()), Secret::default());
        let error = body(&login, &Scope::Implied).unwrap_err();
        assert_eq!(error.kind(), Kind::Unsupported);
    }
}
