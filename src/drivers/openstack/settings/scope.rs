//! What one logs in to, and the domains of it and of who logs in.

use super::members::{
    DEFAULT_DOMAIN, DEFAULT_DOMAIN_ID, DEFAULT_DOMAIN_NAME, DOMAIN, DOMAIN_ID, DOMAIN_NAME,
    DOMAIN_SCOPE, PROJECT_DOMAIN, PROJECT_DOMAIN_ID, PROJECT_DOMAIN_NAME, PROJECT_ID, SYSTEM_SCOPE,
    TENANT, TRUST_ID, USER_DOMAIN, USER_DOMAIN_ID, USER_DOMAIN_NAME,
};
use crate::Result;
use crate::driver::{ProviderMember, Record};
use crate::drivers::openstack::identity::{Domain, Login, Scope};

/// The members of one domain.
pub(super) struct DomainMembers {
    /// By name or id.
    either: &'static ProviderMember,
    name: &'static ProviderMember,
    id: &'static ProviderMember,
}

pub(super) const OF_USER: DomainMembers = DomainMembers {
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

/// The domain that `members` say, else the one for both, else `Default`.
pub(super) fn domain(record: &Record, members: &DomainMembers) -> Result<Domain> {
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
    if let Some(text) = record.text(SYSTEM_SCOPE)? {
        return system(record, &text, by_credential);
    }
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
        if matches!(login, Login::Nowhere(_)) {
            let message = "there is no Keystone that knows the project's id: say project_id";
            return Err(record.invalid(TENANT, message));
        }
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

/// The whole cloud, as `text` says.
fn system(record: &Record, text: &str, by_credential: bool) -> Result<Scope> {
    if text != "all" {
        return Err(record.invalid(SYSTEM_SCOPE, format!("{text:?} is none of: all")));
    }
    let others = [PROJECT_ID, TENANT, TRUST_ID, DOMAIN_SCOPE];
    let beside = others.into_iter().find(|member| record.has(member));
    let beside = match (beside, by_credential) {
        (Some(member), _) => member.name,
        (None, true) => "the application credential",
        (None, false) => return Ok(Scope::System),
    };
    let message =
        format!("one logs in to the whole system or to what {beside} says: leave one out");
    Err(record.invalid(SYSTEM_SCOPE, message))
}
