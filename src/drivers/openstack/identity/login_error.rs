//! Why a login was refused.

use super::login::{Login, Scope};
use crate::drivers::openstack::http::Answer;
use crate::drivers::openstack::service_error;
use crate::{Error, Kind};

/// What a second look has shown.
#[derive(Debug)]
pub(super) enum LoginDiagnosis {
    /// Nothing.
    Nothing,
    /// The user and the password are right; these are the projects that the user has.
    User(Vec<String>),
}

/// The error where `login` to `scope` was refused. Keystone says the same whatever is wrong.
pub(super) fn of(
    login: &Login,
    scope: &Scope,
    answer: &Answer,
    diagnosis: LoginDiagnosis,
) -> Error {
    let source = |error: Error| error.with_source(service_error::quoted(answer));
    if answer.header("openstack-auth-receipt").is_some() {
        let wanted = answer.value().unwrap_or_default()["required_auth_methods"].to_string();
        let message = format!(
            "Keystone wants more than that of {login}, one of these together: {wanted}; for totp \
             give passcode as well, or use an application credential"
        );
        return source(Error::new(Kind::AuthFailed, message).with_field("/provider/passcode"));
    }
    let (field, message) = match (diagnosis, login) {
        (LoginDiagnosis::User(projects), _) => (
            scope_field(scope),
            format!(
                "{login} may not use {scope}, or it does not exist{}",
                listed(&projects)
            ),
        ),
        (LoginDiagnosis::Nothing, Login::Application(..)) => (
            "/provider/application_credential_secret",
            format!(
                "Keystone refuses {login}: it does not exist, is expired or revoked, or its secret \
                 is another"
            ),
        ),
        (LoginDiagnosis::Nothing, Login::Token(_)) => (
            "/provider/token",
            format!("Keystone refuses the token, or its use for {scope}: it is expired or revoked"),
        ),
        (LoginDiagnosis::Nothing, Login::OpenId(_)) => (
            "/provider/identity_provider",
            format!("Keystone knows {login}, and refuses the login to {scope}"),
        ),
        (LoginDiagnosis::Nothing, Login::Totp(..)) => (
            "/provider/passcode",
            format!(
                "Keystone refuses the login of {login} to {scope}: check username, tenant and \
                 their domains; and a passcode is good for half a minute"
            ),
        ),
        (LoginDiagnosis::Nothing, _) => (
            "/provider/password",
            format!(
                "Keystone refuses the login of {login} to {scope}: check username, password{}, \
                 tenant and their domains",
                match login {
                    Login::Several(_) => ", passcode (each is good for half a minute)",
                    _ => "",
                }
            ),
        ),
    };
    source(Error::new(Kind::AuthFailed, message).with_field(field))
}

/// A login that is good for nothing.
pub(super) fn no_project(login: &Login, projects: &[String]) -> Error {
    let message = format!(
        "{login} has no default project, so say which one in tenant{}",
        listed(projects)
    );
    Error::new(Kind::AuthFailed, message).with_field("/provider/tenant")
}

/// A credential that is good for `project` only, where `scope` is another.
pub(super) fn other_project(login: &Login, scope: &Scope, project: &str) -> Error {
    let message = format!("{login} is good for the project {project:?} only, not for {scope}");
    Error::new(Kind::AuthFailed, message).with_field(scope_field(scope))
}

/// Another answer than a token or a 401.
pub(super) fn other(answer: &Answer) -> Error {
    service_error::of("Keystone", answer)
}

fn scope_field(scope: &Scope) -> &'static str {
    match scope {
        Scope::Implied | Scope::Project(..) => "/provider/tenant",
        Scope::ProjectId(_) => "/provider/project_id",
        Scope::Domain(_) => "/provider/domain",
        Scope::System => "/provider/system_scope",
        Scope::Trust(_) => "/provider/trust_id",
    }
}

fn listed(projects: &[String]) -> String {
    match projects {
        [] => String::new(),
        names => format!("; the user has: {}", names.join(", ")),
    }
}
