//! Who logs in, how, and to what.

use super::members::{
    APPLICATION_CREDENTIAL_ID, APPLICATION_CREDENTIAL_NAME, APPLICATION_CREDENTIAL_SECRET,
    AUTH_TYPE, DEFAULT_DOMAIN, DEFAULT_DOMAIN_ID, DEFAULT_DOMAIN_NAME, DOMAIN, DOMAIN_ID,
    DOMAIN_NAME, DOMAIN_SCOPE, PASSWORD, PROJECT_DOMAIN, PROJECT_DOMAIN_ID, PROJECT_DOMAIN_NAME,
    PROJECT_ID, TENANT, TOKEN, TRUST_ID, USER_DOMAIN, USER_DOMAIN_ID, USER_DOMAIN_NAME, USER_ID,
    USERNAME,
};
use crate::driver::{ProviderMember, Record};
use crate::drivers::openstack::identity::{ApplicationCredential, Domain, Login, Scope, Who};
use crate::{Error, Kind, Result, Secret};

/// What one logs in by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Password,
    Token,
    Application,
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
];

/// The members of one domain.
struct DomainMembers {
    /// By name or id.
    either: &'static ProviderMember,
    name: &'static ProviderMember,
    id: &'static ProviderMember,
}

const OF_USER: DomainMembers = DomainMembers {
    either: USER_DOMAIN,
    name: USER_DOMAIN_NAME,
    id: USER_DOMAIN_ID,
};
const OF_PROJECT: DomainMembers = DomainMembers {
    either: PROJECT_DOMAIN,
    name: PROJECT_DOMAIN_NAME,
    id: PROJECT_DOMAIN_ID,
};
const OF_BOTH: [DomainMembers; 2] = [
    DomainMembers {
        either: DOMAIN,
        name: DOMAIN_NAME,
        id: DOMAIN_ID,
    },
    DomainMembers {
        either: DEFAULT_DOMAIN,
        name: DEFAULT_DOMAIN_NAME,
        id: DEFAULT_DOMAIN_ID,
    },
];

/// How one logs in.
pub(super) fn login(record: &Record) -> Result<Login> {
    Ok(match by(record)? {
        By::Password => Login::Password(who(record)?, secret(record, PASSWORD)?),
        By::Token => Login::Token(secret(record, TOKEN)?),
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
    })
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
    match (record.has(TOKEN), record.has(PASSWORD)) {
        (true, true) => Err(record.invalid(
            TOKEN,
            "the provider has a token and a password: leave one out, or say auth_type",
        )),
        (true, false) => Ok(By::Token),
        (false, _) => Ok(By::Password),
    }
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

/// The domain that `members` say, else the one for both, else `Default`.
fn domain(record: &Record, members: &DomainMembers) -> Result<Domain> {
    for members in std::iter::once(members).chain(&OF_BOTH) {
        if let Some(domain) = said(record, members)? {
            return Ok(domain);
        }
    }
    Ok(Domain::default())
}

/// The domain in `members`. Where an id and a name are there, the id counts, as in keystoneauth.
fn said(record: &Record, members: &DomainMembers) -> Result<Option<Domain>> {
    let (id, name) = (record.text(members.id)?, record.text(members.name)?);
    let either = record.text(members.either)?;
    if either.is_some() && (id.is_some() || name.is_some()) && either != id && either != name {
        let (own, one, other) = (members.either.name, members.name.name, members.id.name);
        let message = format!("{own} and {one} or {other} name different domains: leave one out");
        return Err(record.invalid(members.either, message));
    }
    Ok(match (id, name, either) {
        (Some(id), _, _) => Some(Domain::Id(id)),
        (None, Some(name), _) => Some(Domain::Name(name)),
        (None, None, either) => either.as_deref().map(Domain::read),
    })
}

/// What `login` is to be good for.
pub(super) fn scope(record: &Record, login: &Login) -> Result<Scope> {
    let by_credential = matches!(login, Login::Application(..));
    let project = [PROJECT_ID, TENANT]
        .into_iter()
        .find(|member| record.has(member));
    let domain_scope = record.flag(DOMAIN_SCOPE)?;
    if let Some(id) = record.text(TRUST_ID)? {
        let beside = if by_credential {
            Some("the application credential")
        } else {
            project.map(|member| member.name)
        };
        if let Some(beside) = beside {
            let message =
                format!("a trust has a project of its own, and so has {beside}: leave one out");
            return Err(record.invalid(TRUST_ID, message));
        }
        return Ok(Scope::Trust(id));
    }
    if let (Some(true), Some(member)) = (domain_scope, project) {
        let message = format!(
            "one logs in to a domain or to the project in {}: leave one out",
            member.name
        );
        return Err(record.invalid(DOMAIN_SCOPE, message));
    }
    if let Some(id) = record.text(PROJECT_ID)? {
        return Ok(Scope::ProjectId(id));
    }
    if let Some(name) = record.text(TENANT)? {
        return Ok(Scope::Project(name, domain(record, &OF_PROJECT)?));
    }
    if domain_scope == Some(true) {
        return Ok(Scope::Domain(domain(record, &OF_PROJECT)?));
    }
    // Keystone's own members for it, which may be there for the user's domain too
    let named = [DOMAIN_ID, DOMAIN_NAME]
        .iter()
        .any(|member| record.has(member));
    match said(record, &OF_BOTH[0])? {
        Some(domain) if named && domain_scope.is_none() && !by_credential => {
            Ok(Scope::Domain(domain))
        }
        _ => Ok(Scope::Implied),
    }
}
