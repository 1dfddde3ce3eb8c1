//! A Keystone that has answered, and those who log in there.

use std::time::Instant;

use reqwest::Method;
use serde::Deserialize;
use url::Url;

use super::address::Address;
use super::locate::{Located, Version, locate};
use super::login::{Login, Scope};
use super::login_error::{self, LoginDiagnosis};
use super::token::{Named, Token};
use super::{v2, v3};
use crate::drivers::openstack::http::{Answer, Http, Request, TimeLimit};
use crate::{Result, Secret};

/// A Keystone that has answered.
#[derive(Debug)]
pub(in crate::drivers::openstack) struct Keystone {
    http: Http,
    address: Address,
    located: Located,
    login: Login,
    scope: Scope,
}

impl Keystone {
    /// Looks for it at `address`.
    pub(in crate::drivers::openstack) fn find(
        http: Http,
        address: Address,
        login: Login,
        scope: Scope,
        limit: &TimeLimit,
    ) -> Result<Self> {
        let located = match login {
            Login::Nowhere(_) => Located {
                base: address.url().clone(),
                version: Version::V3,
                release: "none".to_owned(),
            },
            _ => locate(&http, &address, limit)?,
        };
        Ok(Self {
            http,
            address,
            located,
            login,
            scope,
        })
    }

    /// Its URL, with the version and without a slash at its end.
    pub(in crate::drivers::openstack) fn base(&self) -> &Url {
        &self.located.base
    }

    /// What it calls its version: `v3.14`.
    pub(in crate::drivers::openstack) fn release(&self) -> &str {
        &self.located.release
    }

    /// Logs in.
    pub(in crate::drivers::openstack) fn token(&self, limit: &TimeLimit) -> Result<Token> {
        if let Login::Nowhere(token) = &self.login {
            return Ok(Token::given(token.clone(), &self.scope));
        }
        let asked = Instant::now();
        let answer = self.log_in(&self.scope, limit)?;
        let by_password = matches!(self.login, Login::Password(..) | Login::Totp(..));
        let by_trust = matches!(self.scope, Scope::Trust(_));
        let refused = match answer.status().as_u16() {
            401 => true,
            // what Keystone admits not to know: an application credential, a token, a trust
            404 => !by_password || by_trust,
            // somebody else's trust
            403 => by_trust,
            _ => false,
        };
        if refused {
            let diagnosis = self.diagnose(limit);
            return Err(login_error::of(
                &self.login,
                &self.scope,
                &answer,
                diagnosis,
            ));
        }
        if !answer.status().is_success() {
            return Err(login_error::other(&answer).with_field(self.address.field()));
        }
        let token = self.read(&answer, asked)?;
        if token.project.is_none() && token.domain.is_none() && !token.system {
            let projects = self.projects(&token.secret, limit);
            return Err(login_error::no_project(&self.login, &projects));
        }
        self.check_project(&token)?;
        Ok(token)
    }

    /// An application credential brings its own project, and another one may have been named beside it.
    fn check_project(&self, token: &Token) -> Result<()> {
        let (Login::Application(..), Some(project)) = (&self.login, &token.project) else {
            return Ok(());
        };
        let meant = match &self.scope {
            Scope::Project(name, _) => *name == project.name,
            Scope::ProjectId(id) => *id == project.id,
            Scope::Domain(_) | Scope::System | Scope::Trust(_) => false,
            Scope::Implied => true,
        };
        if meant {
            return Ok(());
        }
        let error = login_error::other_project(&self.login, &self.scope, &project.name);
        Err(error)
    }

    /// What can be found out after a refusal, which looks the same whatever is wrong: a login that
    /// asks for no project shows whether it is the project.
    fn diagnose(&self, limit: &TimeLimit) -> LoginDiagnosis {
        if self.scope == Scope::Implied || matches!(self.login, Login::Application(..)) {
            return LoginDiagnosis::Nothing;
        }
        let asked = Instant::now();
        let token = self
            .log_in(&Scope::Implied, limit)
            .ok()
            .filter(|answer| answer.status().is_success())
            .and_then(|answer| self.read(&answer, asked).ok());
        match token {
            None => LoginDiagnosis::Nothing,
            Some(token) => LoginDiagnosis::User(self.projects(&token.secret, limit)),
        }
    }

    fn log_in(&self, scope: &Scope, limit: &TimeLimit) -> Result<Answer> {
        let unscoped;
        let login = match (&self.login, self.located.version) {
            (Login::OpenId(openid), Version::V3) => {
                unscoped = Login::Token(openid.unscoped(&self.http, self.base(), limit)?);
                &unscoped
            }
            (login, _) => login,
        };
        let request = match self.located.version {
            Version::V3 => v3::request(self.below("auth/tokens"), login, scope),
            Version::V2 => v2::request(self.below("tokens"), login, scope),
        }?;
        self.send(&request, limit)
    }

    fn read(&self, answer: &Answer, asked: Instant) -> Result<Token> {
        match self.located.version {
            Version::V3 => v3::token(answer, asked),
            Version::V2 => v2::token(answer, asked),
        }
    }

    /// The names of the projects that the owner of `token` may use; none where they are not told.
    fn projects(&self, token: &Secret, limit: &TimeLimit) -> Vec<String> {
        #[derive(Deserialize)]
        struct Projects {
            #[serde(alias = "tenants")]
            projects: Vec<Named>,
        }
        let path = match self.located.version {
            Version::V3 => "auth/projects",
            Version::V2 => "tenants",
        };
        let request = Request::new(Method::GET, self.below(path)).token(token.clone());
        self.send(&request, limit)
            .and_then(|answer| answer.json::<Projects>())
            .map(|found| found.projects.into_iter().map(|one| one.name).collect())
            .unwrap_or_default()
    }

    fn send(&self, request: &Request, limit: &TimeLimit) -> Result<Answer> {
        self.http.send(request, limit).map_err(|error| {
            error
                .to_error(&format!("Keystone ({})", self.located.base))
                .with_field(self.address.field())
        })
    }

    fn below(&self, path: &str) -> Url {
        let mut url = self.located.base.clone();
        url.set_path(&format!("{}/{path}", url.path().trim_end_matches('/')));
        url
    }
}
