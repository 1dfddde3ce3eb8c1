//! Who logs in, and to what.

use std::fmt;

use super::openid::OpenId;
use crate::Secret;

/// A domain, by its name or its id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::drivers::openstack) enum Domain {
    /// By name.
    Name(String),
    /// By id.
    Id(String),
}

impl Domain {
    /// `text` as an id where it can only be one, else as a name. `default` is the id of the domain
    /// that Keystone makes by itself.
    pub(in crate::drivers::openstack) fn read(text: &str) -> Self {
        let hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        if text == "default" || (text.len() == 32 && text.bytes().all(hex)) {
            Self::Id(text.to_owned())
        } else {
            Self::Name(text.to_owned())
        }
    }
}

impl Default for Domain {
    fn default() -> Self {
        Self::Name("Default".to_owned())
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Name(text) | Self::Id(text)) = self;
        f.write_str(text)
    }
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::drivers::openstack) enum Who {
    /// By name, which is unique in its domain.
    Name(String, Domain),
    /// By id.
    Id(String),
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name, domain) => write!(f, "the user {name:?} of the domain {domain}"),
            Self::Id(id) => write!(f, "the user with the id {id}"),
        }
    }
}

/// An application credential, by its id, or by its name and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::drivers::openstack) enum ApplicationCredential {
    /// By id.
    Id(String),
    /// By name.
    Name(String, Who),
}

impl fmt::Display for ApplicationCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "the application credential {id}"),
            Self::Name(name, who) => write!(f, "the application credential {name:?} of {who}"),
        }
    }
}

/// How one logs in.
#[derive(Debug, Clone)]
pub(in crate::drivers::openstack) enum Login {
    /// By a password.
    Password(Who, Secret),
    /// By a one-time password.
    Totp(Who, Secret),
    /// By several of the others at once, where Keystone wants more than one.
    Several(Vec<Login>),
    /// By a provider of identities that Keystone trusts.
    OpenId(Box<OpenId>),
    /// Nowhere: services are asked with this token, or with none, and no Keystone.
    Nowhere(Option<Secret>),
    /// By an application credential, which has a scope of its own.
    Application(ApplicationCredential, Secret),
    /// By a token that somebody has got already.
    Token(Secret),
}

impl Login {
    /// What proves who logs in.
    pub(in crate::drivers::openstack) fn secrets(&self) -> Vec<&Secret> {
        match self {
            Self::Password(_, secret)
            | Self::Totp(_, secret)
            | Self::Application(_, secret)
            | Self::Token(secret) => vec![secret],
            Self::Several(logins) => logins.iter().flat_map(Self::secrets).collect(),
            Self::OpenId(openid) => openid.secrets(),
            Self::Nowhere(token) => token.iter().collect(),
        }
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Password(who, _) | Self::Totp(who, _) => who.fmt(f),
            Self::Several(logins) => match logins.first() {
                Some(login) => login.fmt(f),
                None => f.write_str("nobody"),
            },
            Self::OpenId(openid) => openid.fmt(f),
            Self::Nowhere(_) => f.write_str("nobody"),
            Self::Application(credential, _) => credential.fmt(f),
            Self::Token(_) => f.write_str("the token's owner"),
        }
    }
}

/// What the token is good for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::drivers::openstack) enum Scope {
    /// What goes without saying: the user's default project, or the application credential's.
    Implied,
    /// A project, by its name, which is unique in its domain.
    Project(String, Domain),
    /// A project, by its id.
    ProjectId(String),
    /// A domain.
    Domain(Domain),
    /// The whole cloud.
    System,
    /// The project of a trust, by the trust's id.
    Trust(String),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Implied => f.write_str("its own project"),
            Self::Project(name, domain) => write!(f, "the project {name:?} of the domain {domain}"),
            Self::ProjectId(id) => write!(f, "the project with the id {id}"),
            Self::Domain(domain) => write!(f, "the domain {domain}"),
            Self::System => f.write_str("the system"),
            Self::Trust(id) => write!(f, "the trust {id}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_told_by_its_form() {
        let id = "0df9fcc8e84f4038aaea74979207b62d";
        assert_eq!(Domain::read(id), Domain::Id(id.into()));
        assert_eq!(Domain::read("default"), Domain::Id("default".into()));
        assert_eq!(Domain::read("Default"), Domain::Name("Default".into()));
        assert_eq!(Domain::read("Heat"), Domain::Name("Heat".into()));
    }

    #[test]
    fn a_login_shows_no_secret() {
        let who = Who::Name("demo".into(), Domain::default());
        let login = Login::Password(who, Secret::new("hunter2".into()));
        let shown = format!("{login} {login:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(shown.starts_with("the user \"demo\" of the domain Default"));
    }
}
