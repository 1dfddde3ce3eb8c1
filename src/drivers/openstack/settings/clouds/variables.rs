//! The variables `OS_…`.

use std::env;

use serde_json::{Map, Value, json};

use crate::driver::ProviderMember;
use crate::drivers::openstack::settings::members::{
    AUTH, DOMAIN_ID, DOMAIN_NAME, MEMBERS, PROJECT_DOMAIN_ID, PROJECT_DOMAIN_NAME, PROJECT_ID,
    REGION, REGIONS, TENANT, TOKEN, USER_DOMAIN_ID, USER_DOMAIN_NAME,
};

/// What variables say, by the names of `clouds.yaml`.
pub(super) type Variables = Vec<(String, String)>;

/// Members that a cloud's `auth` says before the variables do, as in the `openstack` client; of all others the
/// variables count before the file.
const OF_FILE: [&ProviderMember; 9] = [
    TOKEN,
    TENANT,
    PROJECT_ID,
    USER_DOMAIN_ID,
    USER_DOMAIN_NAME,
    PROJECT_DOMAIN_ID,
    PROJECT_DOMAIN_NAME,
    DOMAIN_ID,
    DOMAIN_NAME,
];

/// Another program's, of a name that a cloud's member has: the key of osprofiler's traces.
const ANOTHERS: &str = "profile";

/// Whether a variable of this name says something of a cloud, or is to be refused: it is known and not served,
/// or misspelt. Short names may be anybody's.
fn counts(name: &str) -> bool {
    match MEMBERS.taken(name) {
        Some(member) => member.foreign.contains(&name),
        None if name == ANOTHERS => false,
        None => {
            let misspelt = || name.len() > 5 && MEMBERS.slip(name).is_some();
            MEMBERS.refuses(name) || MEMBERS.known(name).is_none() && misspelt()
        }
    }
}

/// The variables that say something of a cloud, those that are refused among them.
pub(crate) fn variables() -> Variables {
    let mut variables: Variables = env::vars_os()
        .filter_map(|(name, value)| {
            let name = name.to_str()?.strip_prefix("OS_")?.to_lowercase();
            let value = value.into_string().ok()?;
            (counts(&name) && !value.is_empty()).then_some((name, value))
        })
        .collect();
    // whatever is said of them is said in the same order
    variables.sort();
    variables
}

/// Adds to `cloud` what `variables` say beside it.
pub(crate) fn add_variables(cloud: &mut Map<String, Value>, variables: Variables) {
    let of_file = cloud.clone();
    let auth = |member: &ProviderMember| {
        let auth = of_file.get(AUTH.name).and_then(Value::as_object);
        let says = |name| {
            auth.and_then(|auth| auth.get(name))
                .is_some_and(|it| !it.is_null())
        };
        member.names().any(says)
    };
    for (name, value) in variables {
        let Some(member) = MEMBERS.taken(&name) else {
            cloud.entry(name).or_insert(Value::String(value));
            continue;
        };
        if OF_FILE.contains(&member) && auth(member) {
            continue;
        }
        for name in member.names().filter(|name| of_file.contains_key(*name)) {
            let old = cloud.shift_remove(name);
            // the only region that the file knows is not left by a variable that is about another cloud
            if member == REGION && !of_file.contains_key(REGIONS.name) {
                cloud.insert(REGIONS.name.to_owned(), json!([old]));
            }
        }
        if let Some(Value::Object(auth)) = cloud.get_mut(AUTH.name) {
            member
                .names()
                .for_each(|name| drop(auth.shift_remove(name)));
        }
        cloud.insert(name, Value::String(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_others_do_not_count_and_misspelt_ones_do() {
        for name in [
            "username",
            "project_domian_name",
            "pasword",
            "service_provider",
        ] {
            assert!(counts(name), "{name}");
        }
        for name in [
            "profile",
            "version",
            "release",
            "id",
            "name",
            "type",
            "arch",
            "family",
            "vendor",
            "codename",
            "distribution",
            "platform",
            "cloud",
            "cloud_name",
            "client_config_file",
            "identity_api_version",
            "log_level",
            "region",
            "user_domain",
            "keys",
            "build",
            "image",
        ] {
            assert!(!counts(name), "{name}");
        }
    }

    #[test]
    fn a_clouds_project_counts_before_the_variables_and_these_before_the_rest() {
        let cloud = json!({
            "auth": {"username": "demo", "project_name": "web", "password": "p"},
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
                "auth": {"project_name": "web"}, "username": "other", "password": "pw",
                "project_id": "7", "region_name": "two", "regions": ["one"], "interface": "public",
                "system_scope": "all",
            })
        );
    }
}
