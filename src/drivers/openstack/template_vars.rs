//! The variables of the templates, in the words of both drivers that Salt can have for a cloud.

use serde_json::{Value, json};

use super::identity::{ApplicationCredential, Domain, Login, Scope, Who};
use super::settings::{self, IDENTITY_URL, MEMBERS, SaltDriver, Settings, URI};
use crate::driver::Provider;
use crate::driver::template_vars::{Vars, add_members, profile_vars, provider_vars};
use crate::drivers::creation::id_in;
use crate::{Error, Result};

/// The variables of the provider's template: each member under its own name.
pub(super) fn provider(provider: &Provider, settings: &Settings) -> Result<Vars> {
    let record = settings::record(provider)?;
    let provider = record.provider();
    let mut vars = provider_vars(provider);
    add_members(&mut vars, provider, &MEMBERS);
    let mut set = |name: &str, value: Value| vars.insert(format!("VAR_{name}"), value);
    for (name, value) in [
        ("NETWORK", &settings.defaults.network),
        ("SEC_GROUP", &settings.defaults.sec_group),
        ("IMAGE", &settings.defaults.image),
        ("SIZE", &settings.defaults.size),
    ] {
        set(name, json!(value));
    }
    let prices = (!settings.prices.is_empty()).then_some(&settings.prices);
    set("PRICES", json!(prices));
    let url = record.first(&[IDENTITY_URL, URI])?.map(|(url, _)| url);
    // the one that is used where there is no other to try
    let url = url.or_else(|| {
        let by_host = provider
            .host_ip
            .is_some()
            .then(|| settings.address.only_url());
        by_host.flatten().map(ToOwned::to_owned)
    });
    set("IDENTITY_URL", json!(url));
    if settings.salt_driver == SaltDriver::Openstack {
        for (name, value) in salts_own(settings)? {
            set(name, value);
        }
    }
    Ok(vars)
}

/// What Salt's own driver wants otherwise, or besides.
fn salts_own(settings: &Settings) -> Result<Vec<(&'static str, Value)>> {
    if settings.region.is_none() {
        return Err(Error::invalid(
            "/provider/region",
            "Salt's own driver needs the region's name",
        ));
    }
    let url = settings.address.only_url().ok_or_else(|| {
        Error::invalid(
            "/provider/host_protocol",
            "Salt's own driver does not find out by itself whether Keystone speaks http or https; say it",
        )
    })?;
    let mut user_domain = None;
    let mut name_user = |who: &Who| {
        if let Who::Name(_, domain) = who {
            user_domain = Some(domain.clone());
        }
    };
    let by_credential = match &settings.login {
        Login::Password(who, _) => {
            name_user(who);
            false
        }
        Login::Application(ApplicationCredential::Name(_, who), _) => {
            name_user(who);
            true
        }
        Login::Application(ApplicationCredential::Id(_), _) => true,
        Login::Token(_) => false,
        Login::Totp(..) | Login::Several(_) | Login::OpenId(_) | Login::Nowhere(_) => {
            return Err(Error::invalid(
                "/provider/auth_type",
                "Salt's own driver is written for with a password, a token or an application credential",
            ));
        }
    };
    let project_domain = match &settings.scope {
        Scope::Project(_, domain) if !by_credential => Some(domain),
        Scope::Domain(_) | Scope::System => {
            let field = match settings.scope {
                Scope::System => "/provider/system_scope",
                _ => "/provider/domain_scope",
            };
            return Err(Error::invalid(
                field,
                "Salt's own driver makes servers in a project; name one in tenant",
            ));
        }
        _ => None,
    };
    let name = |domain: Option<&Domain>| match domain {
        Some(Domain::Name(name)) => json!(name),
        _ => Value::Null,
    };
    let id = |domain: Option<&Domain>| match domain {
        Some(Domain::Id(id)) => json!(id),
        _ => Value::Null,
    };
    let mut vars = vec![
        ("IDENTITY_URL", json!(url)),
        ("USER_DOMAIN_NAME", name(user_domain.as_ref())),
        ("USER_DOMAIN_ID", id(user_domain.as_ref())),
        ("PROJECT_DOMAIN_NAME", name(project_domain)),
        ("PROJECT_DOMAIN_ID", id(project_domain)),
        (
            "AUTH_TYPE",
            json!(matches!(settings.login, Login::Token(_)).then_some("token")),
        ),
        ("VERIFY", settings.tls.insecure.then_some(false).into()),
        ("REGION", json!(settings.region)),
    ];
    if by_credential {
        // such a credential is good for one project, and naming that again is refused
        vars.push(("AUTH_TYPE", json!("v3applicationcredential")));
        for own in ["PASSWORD", "TENANT", "PROJECT_ID"] {
            vars.push((own, Value::Null));
        }
    }
    Ok(vars)
}

/// The variables of the profile's template.
pub(super) fn profile(provider: &Provider, name: Option<&str>, settings: &Settings) -> Vars {
    let mut vars = profile_vars(provider, name);
    for (name, value) in [
        ("VAR_AVAILABILITY_ZONE", &settings.availability_zone),
        ("VAR_KEY_NAME", &settings.key_name),
        ("VAR_EXTERNAL_NETWORK", &settings.external_network),
    ] {
        vars.insert(name.to_owned(), json!(value));
    }
    if settings.salt_driver == SaltDriver::Openstack {
        let defaults = &settings.defaults;
        let id = |text: &Option<String>| text.as_deref().map(id_in).map(ToOwned::to_owned);
        let list = |text: &Option<String>| id(text).map(|one| vec![one]);
        vars.insert("VAR_IMAGE".to_owned(), json!(id(&defaults.image)));
        vars.insert("VAR_NETWORKS".to_owned(), json!(list(&defaults.network)));
        let groups = json!(list(&defaults.sec_group));
        vars.insert("VAR_SECURITY_GROUPS".to_owned(), groups);
    }
    vars
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::driver::{Context, Driver, Provider};
    use crate::drivers::openstack::OpenstackDriver;
    use crate::template::parse_yaml;

    fn provider(more: serde_json::Value) -> Provider {
        let mut record = json!({
            "driver_name": "openstack", "provider_name": "lab", "username": "demo",
            "password": "a: {{ b }}", "tenant": "web", "host_ip": "cloud.example:5000",
            "region": "RegionOne", "key_name": "ops", "external_network": "public",
            "defaults": {"network": "lan|11", "sec_group": "ssh|22", "image": "twin|33", "size": "m1"}
        });
        let members = record.as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().clone());
        serde_json::from_value(record).unwrap()
    }

    fn rendered(more: serde_json::Value) -> (serde_json::Value, serde_json::Value) {
        let dir = tempfile::tempdir().unwrap();
        let cx = Context::below(dir.path());
        let (of_provider, of_profile) = OpenstackDriver
            .render(&cx, &provider(more), None, &super::Vars::new())
            .unwrap();
        let read = |text: &str| parse_yaml("rendered", text).unwrap();
        (read(&of_provider), read(&of_profile))
    }

    #[test]
    fn ours_is_a_provider_again() {
        let prices = json!({"m1": 0.25});
        let (of_provider, of_profile) = rendered(json!({"prices": prices, "insecure": true}));
        assert_eq!(
            of_provider["lab"],
            json!({
                "driver": "va_openstack", "identity_url": "https://cloud.example:5000",
                "host_ip": "cloud.example:5000", "username": "demo",
                "password": "a: {{ b }}", "tenant": "web", "region": "RegionOne", "insecure": true,
                "external_network": "public", "key_name": "ops", "network": "lan|11",
                "sec_group": "ssh|22", "image": "twin|33", "size": "m1", "prices": prices
            })
        );
        assert_eq!(
            of_profile["lab-profile"],
            json!({
                "provider": "lab", "image": "twin|33", "size": "m1", "network": "lan|11",
                "sec_group": "ssh|22"
            })
        );
        let mut record = of_provider["lab"].clone();
        record["provider_name"] = json!("lab");
        let again: Provider = serde_json::from_value(record).unwrap();
        assert_eq!(again.driver_id().unwrap(), "openstack");
        assert_eq!(again.defaults, provider(json!({})).defaults);
    }

    #[test]
    fn the_url_goes_by_whichever_name_it_was_given() {
        for name in ["identity_url", "auth_url", "uri"] {
            let (of_provider, _) = rendered(json!({name: "https://cloud.example/identity"}));
            let url = &of_provider["lab"]["identity_url"];
            assert_eq!(url, "https://cloud.example/identity", "{name}");
        }
    }

    #[test]
    fn each_member_is_in_the_template_or_in_another_of_it() {
        let template = include_str!("../../../templates/openstack/provider.conf");
        // the driver's own, and what `identity_url`, `prices` and the single defaults stand for
        let otherwise = [
            "driver_name",
            "provider_name",
            "auth",
            "uri",
            "flavours",
            "salt_driver",
            "defaults",
        ];
        for member in super::MEMBERS.taken {
            let line = format!("\n  {}: VAR_{}\n", member.name, member.name.to_uppercase());
            let there = template.contains(&line);
            assert_ne!(there, otherwise.contains(&member.name), "{}", member.name);
        }
    }

    #[test]
    fn salts_own_provider_becomes_ours() {
        let auth = json!({
            "auth_url": "https://cloud.example/identity", "username": "demo",
            "password": "a: {{ b }}", "project_name": "web", "user_domain_name": "people",
        });
        let (of_provider, _) = rendered(json!({
            "host_ip": null, "username": null, "password": null, "tenant": null, "region": null,
            "auth": auth, "region_name": "RegionOne", "verify": false, "cloud": null,
        }));
        let lab = &of_provider["lab"];
        assert_eq!(lab["identity_url"], "https://cloud.example/identity");
        assert_eq!(lab["tenant"], "web");
        assert_eq!(lab["user_domain_name"], "people");
        assert_eq!(
            (&lab["region"], &lab["verify"]),
            (&json!("RegionOne"), &json!(false))
        );
        assert_eq!(lab["password"], "a: {{ b }}");
    }

    #[test]
    fn salts_own_driver_gets_its_own_words() {
        let (of_provider, of_profile) =
            rendered(json!({"salt_driver": "openstack", "user_domain": "default"}));
        assert_eq!(
            of_provider["lab"],
            json!({
                "driver": "openstack",
                "auth": {
                    "auth_url": "https://cloud.example:5000", "username": "demo",
                    "password": "a: {{ b }}", "user_domain_id": "default", "project_name": "web",
                    "project_domain_name": "Default"
                },
                "region_name": "RegionOne"
            })
        );
        assert_eq!(
            of_profile["lab-profile"],
            json!({
                "provider": "lab", "image": "33", "size": "m1", "network": ["11"],
                "security_groups": ["22"], "ssh_key_name": "ops", "ip_pool": "public"
            })
        );
    }

    #[test]
    fn a_credential_takes_the_place_of_user_and_project() {
        let (of_provider, _) = rendered(json!({
            "salt_driver": "openstack", "username": null, "application_credential_id": "7a90",
            "application_credential_secret": "s", "insecure": true
        }));
        assert_eq!(
            of_provider["lab"],
            json!({
                "driver": "openstack", "auth_type": "v3applicationcredential",
                "auth": {
                    "auth_url": "https://cloud.example:5000", "application_credential_id": "7a90",
                    "application_credential_secret": "s"
                },
                "region_name": "RegionOne", "verify": false
            })
        );
    }

    #[test]
    fn what_salts_own_driver_cannot_do_without_is_asked_for() {
        for (more, field) in [
            (json!({"region": null}), "/provider/region"),
            (
                json!({"host_ip": "127.0.0.1:5000"}),
                "/provider/host_protocol",
            ),
            (
                json!({"tenant": null, "domain_scope": true}),
                "/provider/domain_scope",
            ),
        ] {
            let mut more = more;
            more["salt_driver"] = json!("openstack");
            let error = OpenstackDriver.provider_vars(&provider(more)).unwrap_err();
            assert_eq!(error.field(), Some(field), "{error}");
        }
    }
}
