//! The variables `OS_…`.

use std::env;

use serde_json::{Map, Value};

use crate::driver::ProviderMember;
use crate::drivers::openstack::settings::members::{
    APPLICATION_CREDENTIAL_ID, APPLICATION_CREDENTIAL_NAME, APPLICATION_CREDENTIAL_SECRET, AUTH,
    DEFAULT_DOMAIN, DEFAULT_DOMAIN_ID, DEFAULT_DOMAIN_NAME, DOMAIN_ID, DOMAIN_NAME, IDENTITY_URL,
    MEMBERS, PASSWORD, PROJECT_DOMAIN_ID, PROJECT_DOMAIN_NAME, PROJECT_ID, TENANT, TOKEN, TRUST_ID,
    USER_DOMAIN_ID, USER_DOMAIN_NAME, USER_ID, USERNAME,
};

/// What variables say, by the names of `clouds.yaml`.
pub(super) type Variables = Vec<(String, String)>;

/// Members of a login. As in openstacksdk, a cloud's own count before the variables; of all others the
/// variables do.
const OF_LOGIN: [&ProviderMember; 20] = [
    IDENTITY_URL,
    USERNAME,
    USER_ID,
    PASSWORD,
    TOKEN,
    APPLICATION_CREDENTIAL_ID,
    APPLICATION_CREDENTIAL_NAME,
    APPLICATION_CREDENTIAL_SECRET,
    TENANT,
    PROJECT_ID,
    TRUST_ID,
    USER_DOMAIN_ID,
    USER_DOMAIN_NAME,
    PROJECT_DOMAIN_ID,
    PROJECT_DOMAIN_NAME,
    DOMAIN_ID,
    DOMAIN_NAME,
    DEFAULT_DOMAIN,
    DEFAULT_DOMAIN_ID,
    DEFAULT_DOMAIN_NAME,
];

/// Another program's, of a name that a cloud's member has: the key of osprofiler's traces.
const ANOTHERS: &str = "profile";

/// The variables that say something of a cloud, those that are refused among them.
pub(crate) fn variables() -> Variables {
    let known = |name: &str| match MEMBERS.taken(name) {
        Some(member) => member.foreign.contains(&name),
        None => MEMBERS.refuses(name) && name != ANOTHERS,
    };
    let mut variables: Variables = env::vars_os()
        .filter_map(|(name, value)| {
            let name = name.to_str()?.strip_prefix("OS_")?.to_lowercase();
            let value = value.into_string().ok()?;
            (known(&name) && !value.is_empty()).then_some((name, value))
        })
        .collect();
    // whatever is said of them is said in the same order
    variables.sort();
    variables
}

/// Adds to `cloud` what `variables` say beside it.
pub(crate) fn add_variables(cloud: &mut Map<String, Value>, variables: Variables) {
    let of_file = cloud.clone();
    for (name, value) in variables {
        let Some(member) = MEMBERS.taken(&name) else {
            cloud.entry(name).or_insert(Value::String(value));
            continue;
        };
        if !OF_LOGIN.contains(&member) {
            for name in member.names().filter(|name| of_file.contains_key(*name)) {
                cloud.shift_remove(name);
            }
        } else if says(&of_file, member) {
            continue;
        }
        cloud.insert(name, Value::String(value));
    }
}

/// Whether `cloud` has `member`, beside the others or in its `auth`.
fn says(cloud: &Map<String, Value>, member: &ProviderMember) -> bool {
    let auth = cloud.get(AUTH.name).and_then(Value::as_object);
    let has = |members: &Map<String, Value>| {
        let mut names = member.names();
        names.any(|name| members.get(name).is_some_and(|value| !value.is_null()))
    };
    has(cloud) || auth.is_some_and(has)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_clouds_login_counts_before_the_variables_and_these_before_the_rest() {
        let cloud = json!({
            "auth": {"username": "demo", "project_name": "web", "password": null},
            "region_name": "one", "endpoint_type": "internal",
        });
        let mut cloud = cloud.as_object().unwrap().clone();
        let variables = [
            ("username", "other"),
            ("password", "pw"),
            ("tenant_name", "other"),
            ("project_id", "7"),
            ("region_name", "two"),
            ("interface", "public"),
            ("system_scope", "all"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        add_variables(&mut cloud, variables.to_vec());
        assert_eq!(
            Value::Object(cloud),
            json!({
                "auth": {"username": "demo", "project_name": "web", "password": null},
                "password": "pw", "project_id": "7", "region_name": "two", "interface": "public",
                "system_scope": "all",
            })
        );
    }
}
