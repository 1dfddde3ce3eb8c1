//! The form by which a cloud is described.

use super::settings::{
    ACCESS_TOKEN, APPLICATION_CREDENTIAL_ID, APPLICATION_CREDENTIAL_NAME, AUTH, CLIENT_ID, CLOUD,
    DOMAIN_ID, DOMAIN_NAME, DOMAIN_SCOPE, ENDPOINT, IDENTITY_URL, PASSCODE, PROJECT_ID,
    SYSTEM_SCOPE, Settings, TENANT, TOKEN, TRUST_ID, URI, USER_ID, USERNAME,
};
use crate::driver::{FieldType, Step, base};

/// What most clouds call their only region.
const REGION: &str = "RegionOne";

/// The base steps with where Keystone is, and how and what to log in to.
pub(super) fn steps() -> Vec<Step> {
    // what may say anything of it, and what says who logs in to what
    let by_id = [
        AUTH,
        CLOUD,
        APPLICATION_CREDENTIAL_ID,
        TOKEN,
        ACCESS_TOKEN,
        CLIENT_ID,
        ENDPOINT,
    ];
    let by_name = [by_id.as_slice(), &[APPLICATION_CREDENTIAL_NAME, PASSCODE]].concat();
    let scope = [
        PROJECT_ID,
        TENANT,
        TRUST_ID,
        SYSTEM_SCOPE,
        DOMAIN_SCOPE,
        DOMAIN_NAME,
        DOMAIN_ID,
    ];
    let text = FieldType::Str;
    let mut steps = base::steps().into_iter();
    let first = steps.next().map(|step| {
        step.allow_blank("location")
            .unless(
                "username",
                &[by_id.as_slice(), &[USERNAME, USER_ID]].concat(),
            )
            .unless("password", &by_name)
            .field("host_ip", "Keystone", text)
            .unless("host_ip", &[AUTH, CLOUD, IDENTITY_URL, URI, ENDPOINT])
            .field("tenant", "Tenant (project)", text)
            .unless("tenant", &[by_name.as_slice(), &scope].concat())
            .blank_field("region", "Region", FieldType::Options)
            .suggestions("region", &[REGION])
            .blank_field("user_domain", "Domain of the user", text)
            .blank_field("project_domain", "Domain of the tenant", text)
            .blank_field("application_credential_id", "Application credential", text)
            .blank_field(
                "application_credential_secret",
                "Secret of the application credential",
                text,
            )
    });
    first.into_iter().chain(steps).collect()
}

/// What whoever uses such a provider should know.
pub(super) fn warnings(settings: &Settings) -> Vec<String> {
    let mut warnings = Vec::new();
    if settings.tls.insecure {
        warnings.push(format!(
            "{} is used without checking who answers there (insecure)",
            settings.address
        ));
    }
    if settings.address.readable_by_others() {
        warnings.push(format!(
            "{} is reached by plain HTTP: the password and the tokens travel unencrypted",
            settings.address
        ));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::driver::OptionChoices;
    use crate::driver::form::json_schema;

    /// What must be filled in beside `values`.
    fn needed(values: &Value) -> Vec<String> {
        let wrong = steps()[0].validate(values.as_object().unwrap()).unwrap();
        wrong.into_iter().map(|(id, _)| id).collect()
    }

    #[test]
    fn what_is_said_otherwise_may_stay_empty() {
        let all = ["provider_name", "username", "password", "host_ip", "tenant"];
        assert_eq!(needed(&json!({})), all);
        for (values, needless) in [
            (json!({"auth_url": "https://x/v3"}), vec!["host_ip"]),
            (
                json!({"application_credential_id": "x"}),
                vec!["username", "password", "tenant"],
            ),
            (
                json!({"application_credential_name": "x"}),
                vec!["password", "tenant"],
            ),
            (json!({"domain_scope": true}), vec!["tenant"]),
            (json!({"domain_scope": false, "project_id": " "}), vec![]),
        ] {
            let mut left = all.to_vec();
            left.retain(|id| !needless.contains(id));
            assert_eq!(needed(&values), left, "{values}");
            let schema = json_schema(&steps()[0], &OptionChoices::new());
            let schema = jsonschema::draft7::new(&schema).unwrap();
            let mut whole = json!({"provider_name": "a"});
            let filled = left.iter().map(|id| ((*id).to_owned(), json!("a")));
            let whole_form = whole.as_object_mut().unwrap();
            whole_form.extend(filled);
            whole_form.extend(values.as_object().unwrap().clone());
            assert!(schema.is_valid(&whole), "{whole}");
        }
    }
}
