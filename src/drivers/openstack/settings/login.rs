//! Who logs in, and how.

use serde_json::Value;
use url::Url;

use super::members::{
    ACCESS_TOKEN, ACCESS_TOKEN_ENDPOINT, ACCESS_TOKEN_TYPE, APPLICATION_CREDENTIAL_ID,
    APPLICATION_CREDENTIAL_NAME, APPLICATION_CREDENTIAL_SECRET, AUTH_METHODS, AUTH_TYPE, CLIENT_ID,
    CLIENT_SECRET, DISCOVERY_ENDPOINT, ENDPOINT, IDENTITY_PROVIDER, OPENID_SCOPE, PASSCODE,
    PASSWORD, PROTOCOL, TOKEN, USER_ID, USERNAME,
};
use super::scope::{OF_USER, domain};
use crate::driver::{ProviderMember, Record};
use crate::drivers::openstack::identity::{
    ApplicationCredential, Ask, Grant, Login, OpenId, Place, Who,
};
use crate::{Error, Kind, Result, Secret};

/// What one logs in by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Password,
    Totp,
    Several,
    Token,
    Application,
    OpenIdClient,
    OpenIdPassword,
    OpenIdToken,
    /// A token for services that no Keystone is asked about.
    GivenToken,
    Nothing,
}

/// The ways to log in that are served, by keystoneauth's names.
const AUTH_TYPES: &[(&str, By)] = &[
    ("password", By::Password),
    ("v3password", By::Password),
    ("v2password", By::Password),
    ("token", By::Token),
    ("v3token", By::Token),
    ("v2token", By::Token),
    ("v3applicationcredential", By::Application),
    ("v3totp", By::Totp),
    ("v3multifactor", By::Several),
    ("v3oidcclientcredentials", By::OpenIdClient),
    ("v3oidcpassword", By::OpenIdPassword),
    ("v3oidcaccesstoken", By::OpenIdToken),
    ("admin_token", By::GivenToken),
    ("token_endpoint", By::GivenToken),
    ("none", By::Nothing),
];

/// The ways that can be used at once, by Keystone's names and keystoneauth's.
const METHODS: &[(&str, By)] = &[
    ("password", By::Password),
    ("token", By::Token),
    ("applicationcredential", By::Application),
    ("totp", By::Totp),
];

/// Members that say how one logs in, and the only ways that take them. (`protocol` is none: in files for Salt's
/// former drivers it is `ipv4` or `ipv6`.)
const OF_WAYS: &[(&ProviderMember, &[By])] = {
    use By::{GivenToken, Nothing, OpenIdClient, OpenIdPassword, OpenIdToken, Several, Totp};
    const ASKED: &[By] = &[OpenIdClient, OpenIdPassword];
    const OPEN_ID: &[By] = &[OpenIdClient, OpenIdPassword, OpenIdToken];
    &[
        (PASSCODE, &[Totp, Several]),
        (AUTH_METHODS, &[Several]),
        (IDENTITY_PROVIDER, OPEN_ID),
        (CLIENT_ID, ASKED),
        (CLIENT_SECRET, ASKED),
        (OPENID_SCOPE, ASKED),
        (ACCESS_TOKEN_TYPE, ASKED),
        (ACCESS_TOKEN_ENDPOINT, ASKED),
        (DISCOVERY_ENDPOINT, ASKED),
        (ACCESS_TOKEN, &[OpenIdToken]),
        (ENDPOINT, &[GivenToken, Nothing]),
    ]
};

/// How one logs in.
pub(super) fn login(record: &Record) -> Result<Login> {
    let by = by(record)?;
    let mut others = OF_WAYS.iter().filter(|(_, ways)| !ways.contains(&by));
    if let Some((member, _)) = others.find(|(member, _)| record.has(member)) {
        let message = format!(
            "{} is for other logins than this one; leave it out, or say another auth_type",
            member.name
        );
        return Err(record.invalid(member, message));
    }
    login_by(record, by)
}

fn login_by(record: &Record, by: By) -> Result<Login> {
    Ok(match by {
        By::Password => Login::Password(who(record)?, secret(record, PASSWORD)?),
        By::Totp => Login::Totp(who(record)?, secret(record, PASSCODE)?),
        By::Several => {
            let logins = methods(record)?.into_iter().map(|by| login_by(record, by));
            Login::Several(logins.collect::<Result<_>>()?)
        }
        By::Token => Login::Token(secret(record, TOKEN)?),
        By::GivenToken => Login::Nowhere(Some(secret(record, TOKEN)?)),
        By::Nothing => Login::Nowhere(None),
        By::Application => {
            let id = record.text(APPLICATION_CREDENTIAL_ID)?;
            let name = record.text(APPLICATION_CREDENTIAL_NAME)?;
            let credential = match (id, name) {
                (Some(id), _) => ApplicationCredential::Id(id),
                (None, Some(name)) => ApplicationCredential::Name(name, who(record)?),
                (None, None) => {
                    let message = "the provider does not say which application credential: give \
                                   application_credential_id, or application_credential_name and \
                                   whose it is";
                    return Err(record.invalid(APPLICATION_CREDENTIAL_ID, message));
                }
            };
            Login::Application(credential, secret(record, APPLICATION_CREDENTIAL_SECRET)?)
        }
        By::OpenIdClient | By::OpenIdPassword | By::OpenIdToken => {
            Login::OpenId(Box::new(OpenId {
                provider: needed(record, IDENTITY_PROVIDER)?,
                protocol: needed(record, PROTOCOL)?,
                grant: grant(record, by)?,
            }))
        }
    })
}

/// The ways that are used at once: those of `auth_methods`, else those that have a secret.
fn methods(record: &Record) -> Result<Vec<By>> {
    let names = match record.setting::<Value>(AUTH_METHODS)? {
        Some(Value::String(text)) => text.split(',').map(|name| name.trim().to_owned()).collect(),
        _ => record
            .setting::<Vec<String>>(AUTH_METHODS)?
            .unwrap_or_default(),
    };
    if names.is_empty() {
        return Ok(vec![By::Password, By::Totp]);
    }
    let method = |name: &String| {
        let plain = name.strip_prefix("v3").unwrap_or(name).replace('_', "");
        let known = METHODS.iter().find(|(known, _)| *known == plain);
        known.map(|(_, by)| *by).ok_or_else(|| {
            let message = format!(
                "{name:?} is none of: v3password, v3totp, v3token, v3applicationcredential"
            );
            record.invalid(AUTH_METHODS, message)
        })
    };
    names.iter().map(method).collect()
}

fn grant(record: &Record, by: By) -> Result<Grant> {
    if by == By::OpenIdToken {
        return Ok(Grant::Given(secret(record, ACCESS_TOKEN)?));
    }
    let url = |member| {
        let Some(text) = record.text(member)? else {
            return Ok(None);
        };
        let url = Url::parse(&text).ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
        let wrong = || record.invalid(member, format!("{} takes a URL", member.name));
        url.ok_or_else(wrong).map(Some)
    };
    let place = match (url(ACCESS_TOKEN_ENDPOINT)?, url(DISCOVERY_ENDPOINT)?) {
        (Some(url), _) => Place::Endpoint(url),
        (None, Some(url)) => Place::Discovery(url),
        (None, None) => {
            let message = "the provider does not say where access tokens are given: give \
                           discovery_endpoint or access_token_endpoint";
            return Err(record.invalid(DISCOVERY_ENDPOINT, message));
        }
    };
    let token_type = record.text(ACCESS_TOKEN_TYPE)?;
    let token_type = token_type.unwrap_or_else(|| ACCESS_TOKEN.name.to_owned());
    if !["access_token", "id_token"].contains(&token_type.as_str()) {
        let message = format!("{token_type:?} is none of: access_token, id_token");
        return Err(record.invalid(ACCESS_TOKEN_TYPE, message));
    }
    let user = match by {
        By::OpenIdPassword => Some((needed(record, USERNAME)?, secret(record, PASSWORD)?)),
        _ => None,
    };
    let scope = record.text(OPENID_SCOPE)?;
    Ok(Grant::Asked(Box::new(Ask {
        place,
        client: needed(record, CLIENT_ID)?,
        // a client that is who logs in has one
        client_secret: match &user {
            Some(_) if !record.has(CLIENT_SECRET) => None,
            _ => Some(secret(record, CLIENT_SECRET)?),
        },
        user,
        scope: scope.unwrap_or_else(|| "openid profile".to_owned()),
        token_type,
    })))
}

/// What is logged in by: what `auth_type` says, else what there is.
fn by(record: &Record) -> Result<By> {
    if let Some(name) = record.text(AUTH_TYPE)? {
        let served = AUTH_TYPES.iter().find(|(known, _)| *known == name);
        return served.map(|(_, by)| *by).ok_or_else(|| {
            let names: Vec<_> = AUTH_TYPES.iter().map(|(name, _)| *name).collect();
            let message = format!(
                "logins by {name:?} are not served; there are: {}. With a token from another program, \
                 say token",
                names.join(", ")
            );
            Error::new(Kind::Unsupported, message).with_field(record.pointer(AUTH_TYPE))
        });
    }
    let credential = [
        APPLICATION_CREDENTIAL_ID,
        APPLICATION_CREDENTIAL_NAME,
        APPLICATION_CREDENTIAL_SECRET,
    ];
    if credential.iter().any(|member| record.has(member)) {
        return Ok(By::Application);
    }
    Ok(match (record.has(TOKEN), record.has(PASSWORD)) {
        (true, true) => {
            let message =
                "the provider has a token and a password: leave one out, or say auth_type";
            return Err(record.invalid(TOKEN, message));
        }
        (true, false) if record.has(ENDPOINT) => By::GivenToken,
        (true, false) => By::Token,
        (false, true) if record.has(PASSCODE) => By::Several,
        (false, false) if record.has(PASSCODE) => By::Totp,
        (false, _) => By::Password,
    })
}

fn needed(record: &Record, member: &ProviderMember) -> Result<String> {
    let text = record.text(member)?;
    text.ok_or_else(|| record.invalid(member, format!("the provider has no {}", member.name)))
}

fn secret(record: &Record, member: &ProviderMember) -> Result<Secret> {
    let secret = record.secret(member)?;
    secret
        .filter(|secret| !secret.expose().is_empty())
        .ok_or_else(|| record.invalid(member, format!("the provider has no {}", member.name)))
}

fn who(record: &Record) -> Result<Who> {
    if let Some(id) = record.text(USER_ID)? {
        return Ok(Who::Id(id));
    }
    let name = record
        .text(USERNAME)?
        .ok_or_else(|| record.invalid(USERNAME, "the provider does not say who logs in"))?;
    Ok(Who::Name(name, domain(record, &OF_USER)?))
}
