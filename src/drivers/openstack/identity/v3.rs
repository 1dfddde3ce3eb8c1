//! Tokens by Keystone v3.

use std::time::Instant;

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::catalog::{Catalog, EntryV3};
use super::login::{ApplicationCredential, Domain, Login, Scope, Who};
use super::token::{Named, Token, renewal};
use crate::drivers::openstack::http::{Answer, Request};
use crate::{Error, Kind, Result, Secret};

/// The request for a token. Keystone forgets one that is not used, so asking twice does no harm.
pub(super) fn request(url: Url, login: &Login, scope: &Scope) -> Result<Request> {
    Ok(Request::new(Method::POST, url)
        .json(&body(login, scope))?
        .repeatable())
}

fn body(login: &Login, scope: &Scope) -> Value {
    let mut identity = json!({"methods": []});
    add_method(&mut identity, login);
    let mut auth = json!({"identity": identity});
    // an application credential has its scope, and Keystone refuses to hear another
    if !matches!(login, Login::Application(..))
        && let Some(scope) = scope_of(scope)
    {
        auth["scope"] = scope;
    }
    json!({"auth": auth})
}

/// Adds to `identity` what `login` proves itself by.
fn add_method(identity: &mut Value, login: &Login) {
    let (method, proof) = match login {
        Login::Password(who, password) => {
            let mut user = user(who);
            user["password"] = json!(password.expose());
            ("password", json!({"user": user}))
        }
        Login::Totp(who, passcode) => {
            let mut user = user(who);
            user["passcode"] = json!(passcode.expose());
            ("totp", json!({"user": user}))
        }
        Login::Application(credential, secret) => {
            let mut credential = match credential {
                ApplicationCredential::Id(id) => json!({"id": id}),
                ApplicationCredential::Name(name, who) => json!({"name": name, "user": user(who)}),
            };
            credential["secret"] = json!(secret.expose());
            ("application_credential", credential)
        }
        Login::Token(token) => ("token", json!({"id": token.expose()})),
        Login::Several(logins) => {
            return logins.iter().for_each(|login| add_method(identity, login));
        }
        // these have their token before, and otherwise
        Login::OpenId(_) | Login::Nowhere(_) => return,
    };
    identity[method] = proof;
    if let Some(methods) = identity["methods"].as_array_mut() {
        methods.push(json!(method));
    }
}

fn user(who: &Who) -> Value {
    match who {
        Who::Name(name, domain) => json!({"name": name, "domain": domain_of(domain)}),
        Who::Id(id) => json!({"id": id}),
    }
}

fn domain_of(domain: &Domain) -> Value {
    match domain {
        Domain::Name(name) => json!({"name": name}),
        Domain::Id(id) => json!({"id": id}),
    }
}

fn scope_of(scope: &Scope) -> Option<Value> {
    Some(match scope {
        Scope::Implied => return None,
        Scope::Project(name, domain) => {
            json!({"project": {"name": name, "domain": domain_of(domain)}})
        }
        Scope::ProjectId(id) => json!({"project": {"id": id}}),
        Scope::Domain(domain) => json!({"domain": domain_of(domain)}),
        Scope::System => json!({"system": {"all": true}}),
        Scope::Trust(id) => json!({"OS-TRUST:trust": {"id": id}}),
    })
}

#[derive(Deserialize)]
struct Issued {
    token: Body,
}

#[derive(Deserialize)]
struct Body {
    user: Named,
    project: Option<Named>,
    domain: Option<Named>,
    system: Option<Value>,
    #[serde(default)]
    catalog: Vec<EntryV3>,
    issued_at: Option<String>,
    expires_at: Option<String>,
}

/// The token in `answer`, which was asked for at `asked`.
pub(super) fn token(answer: &Answer, asked: Instant) -> Result<Token> {
    let secret = answer.header("x-subject-token").ok_or_else(|| {
        Error::new(
            Kind::Internal,
            "Keystone answers without a token (no header X-Subject-Token)",
        )
    })?;
    let Issued { token } = answer.json()?;
    Ok(Token {
        secret: Secret::new(secret.to_owned()),
        user: token.user,
        project: token.project,
        domain: token.domain,
        system: token.system.is_some(),
        catalog: Catalog::from_v3(token.catalog),
        renewal: renewal(
            asked,
            token.issued_at.as_deref(),
            token.expires_at.as_deref(),
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who() -> Who {
        Who::Name("demo".into(), Domain::default())
    }

    fn secret() -> Secret {
        Secret::new("hunter2".into())
    }

    #[test]
    fn a_password_is_scoped_to_a_project() {
        let login = Login::Password(who(), secret());
        let scope = Scope::Project("web".into(), Domain::Id("default".into()));
        assert_eq!(
            body(&login, &scope),
            json!({"auth": {
                "identity": {"methods": ["password"], "password": {"user": {
                    "name": "demo", "domain": {"name": "Default"}, "password": "hunter2"}}},
                "scope": {"project": {"name": "web", "domain": {"id": "default"}}},
            }})
        );
    }

    #[test]
    fn a_token_is_exchanged_for_one_of_a_project_or_a_trust() {
        let login = Login::Token(secret());
        let identity = json!({"methods": ["token"], "token": {"id": "hunter2"}});
        for (scope, asked) in [
            (
                Scope::ProjectId("x".into()),
                json!({"project": {"id": "x"}}),
            ),
            (
                Scope::Trust("t".into()),
                json!({"OS-TRUST:trust": {"id": "t"}}),
            ),
        ] {
            let whole = json!({"auth": {"identity": identity, "scope": asked}});
            assert_eq!(body(&login, &scope), whole);
        }
    }

    #[test]
    fn an_application_credential_has_its_own_scope() {
        let credential = ApplicationCredential::Name("ci".into(), who());
        let login = Login::Application(credential, secret());
        assert_eq!(
            body(&login, &Scope::ProjectId("x".into())),
            json!({"auth": {"identity": {
                "methods": ["application_credential"],
                "application_credential": {"name": "ci", "secret": "hunter2",
                    "user": {"name": "demo", "domain": {"name": "Default"}}},
            }}})
        );
    }
}
