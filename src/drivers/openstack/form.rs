//! The form by which a cloud is described.

use serde_json::Value;

use super::settings::{
    APPLICATION_CREDENTIAL_ID, APPLICATION_CREDENTIAL_NAME, AUTH, CLOUD, DOMAIN_ID, DOMAIN_NAME,
    DOMAIN_SCOPE, IDENTITY_URL, PROJECT_ID, Settings, TENANT, TOKEN, TRUST_ID, URI, USER_ID,
    USERNAME,
};
use crate::driver::{FieldType, FieldValues, ProviderMember, Step, base};

/// What most clouds call their only region.
const REGION: &str = "RegionOne";

/// The base steps with where Keystone is, and what to log in to.
pub(super) fn steps() -> Vec<Step> {
    let mut steps = base::steps().into_iter();
    let first = steps.next().map(|step| {
        step.allow_blank("location")
            .field(
                "host_ip",
                "Keystone host_ip:port (xx.xx.xxx.xx:35357)",
                FieldType::Str,
            )
            .field("tenant", "Tenant (project)", FieldType::Str)
            .blank_field(
                "region",
                "Region; empty for the only one",
                FieldType::Options,
            )
            .suggestions("region", &[REGION])
            .blank_field(
                "user_domain",
                "Domain of the user; empty for Default",
                FieldType::Str,
            )
            .blank_field(
                "project_domain",
                "Domain of the tenant; empty for Default",
                FieldType::Str,
            )
    });
    first.into_iter().chain(steps).collect()
}

/// The same where `values` make some of its fields needless.
pub(super) fn steps_with(values: &FieldValues) -> Vec<Step> {
    let given = |members: &[&ProviderMember]| {
        let mut names = members.iter().flat_map(|member| member.names());
        names.any(|name| match values.get(name) {
            Some(Value::String(text)) => !text.trim().is_empty(),
            Some(Value::Bool(set)) => *set,
            Some(Value::Object(members)) => !members.is_empty(),
            _ => false,
        })
    };
    // these two may say anything of it
    let elsewhere = given(&[AUTH, CLOUD]);
    let by_id = given(&[APPLICATION_CREDENTIAL_ID, TOKEN]) || elsewhere;
    let by_name = given(&[APPLICATION_CREDENTIAL_NAME]);
    let scope = [
        PROJECT_ID,
        TENANT,
        TRUST_ID,
        DOMAIN_SCOPE,
        DOMAIN_NAME,
        DOMAIN_ID,
    ];
    let needless = [
        ("host_ip", elsewhere || given(&[IDENTITY_URL, URI])),
        ("username", by_id || given(&[USERNAME, USER_ID])),
        ("password", by_id || by_name),
        ("tenant", by_id || by_name || given(&scope)),
    ];
    needless
        .into_iter()
        .filter(|(_, needless)| *needless)
        .fold(steps(), |steps, (id, _)| {
            steps.into_iter().map(|step| step.allow_blank(id)).collect()
        })
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
    use super::*;
    use serde_json::json;

    fn blank(values: &Value) -> Vec<String> {
        let steps = steps_with(values.as_object().unwrap());
        let blank = steps[0].fields.iter().filter(|field| field.blank);
        blank.map(|field| field.id.clone()).collect()
    }

    #[test]
    fn what_is_said_otherwise_may_stay_empty() {
        let always = ["location", "region", "user_domain", "project_domain"];
        assert_eq!(blank(&json!({})), always);
        for (values, more) in [
            (json!({"identity_url": "https://x/v3"}), vec!["host_ip"]),
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
            let mut found = blank(&values);
            found.retain(|id| !always.contains(&id.as_str()));
            assert_eq!(found, more, "{values}");
        }
    }
}
