use std::time::Duration;

use serde_json::{Value, json};

use super::{SaltDriver, Settings, Whereabouts};
use crate::driver::{Provider, table_tests};
use crate::drivers::openstack::OpenstackDriver;
use crate::drivers::openstack::identity::{
    ApplicationCredential, Domain, Interface, Login, Scope, Who,
};
use crate::{Error, Kind};

fn record() -> Value {
    json!({
        "provider_name": "lab", "host_ip": "192.0.2.7:5000", "username": "demo",
        "password": "hunter2", "tenant": "web",
    })
}

fn read(members: &Value) -> Result<Settings, Error> {
    let mut record = record();
    let known = record.as_object_mut().unwrap();
    for (name, value) in members.as_object().unwrap() {
        known.insert(name.clone(), value.clone());
    }
    let provider: Provider = serde_json::from_value(record).unwrap();
    Settings::read(&provider)
}

#[test]
fn little_has_to_be_said() {
    let settings = read(&json!({})).unwrap();
    assert_eq!(settings.address.to_string(), "192.0.2.7:5000");
    let Login::Password(who, _) = &settings.login else {
        panic!("{:?}", settings.login)
    };
    assert_eq!(*who, Who::Name("demo".into(), Domain::default()));
    assert_eq!(
        settings.scope,
        Scope::Project("web".into(), Domain::default())
    );
    assert_eq!(settings.interfaces, [Interface::Public]);
    assert_eq!(settings.salt_driver, SaltDriver::VaOpenstack);
    assert_eq!(settings.call_limit, Duration::from_secs(120));
    assert!(!settings.tls.insecure && settings.region.is_none());
}

#[test]
fn one_domain_stands_for_both_and_each_for_itself() {
    let settings = read(&json!({"domain": "lab", "user_domain": "people"})).unwrap();
    let Login::Password(Who::Name(_, domain), _) = &settings.login else {
        panic!("{:?}", settings.login)
    };
    assert_eq!(*domain, Domain::Name("people".into()));
    assert_eq!(
        settings.scope,
        Scope::Project("web".into(), Domain::Name("lab".into()))
    );
}

#[test]
fn the_scope_is_the_narrowest_that_is_named() {
    let scope = |members| read(&members).unwrap().scope;
    assert_eq!(
        scope(json!({"project_id": "x"})),
        Scope::ProjectId("x".into())
    );
    assert_eq!(scope(json!({"tenant": ""})), Scope::Implied);
    assert_eq!(
        scope(json!({"tenant": null, "domain_scope": true})),
        Scope::Domain(Domain::default())
    );
}

#[test]
fn what_cannot_be_is_refused_at_its_member() {
    for (members, field) in [
        (
            json!({"auth_type": "v3applicationcredential"}),
            "/provider/application_credential_id",
        ),
        (
            json!({"application_credential_secret": "s"}),
            "/provider/application_credential_id",
        ),
        (json!({"auth_type": "v3token"}), "/provider/token"),
        (json!({"token": "t"}), "/provider/token"),
        (json!({"trust_id": "t"}), "/provider/trust_id"),
        (json!({"domain_scope": true}), "/provider/domain_scope"),
        (
            json!({"user_domain": "a", "user_domain_name": "b"}),
            "/provider/user_domain",
        ),
        (
            json!({"auth": {"auth_url": "https://elsewhere"}}),
            "/provider/host_ip",
        ),
        (
            json!({"host_ip": null, "url": "https://a", "auth_url": "https://b"}),
            "/provider/url",
        ),
        (
            json!({"regions": ["a", "b"], "region_name": "c"}),
            "/provider/region_name",
        ),
        (json!({"regions": [1]}), "/provider/regions"),
        (
            json!({"interface": ["public", "all"]}),
            "/provider/interface",
        ),
        (json!({"verify": "/nonexistent"}), "/provider/verify"),
        (
            json!({"verify": false, "insecure": "no"}),
            "/provider/insecure",
        ),
        (json!({"verify": "/a", "cacert": "/b"}), "/provider/verify"),
        (json!({"key": "/a"}), "/provider/key"),
        (json!({"cert": "/nonexistent"}), "/provider/cert"),
        (
            json!({"compute_endpoint_override": "cloud"}),
            "/provider/compute_endpoint_override",
        ),
        (
            json!({"volumev3_endpoint_override": "ftp://x"}),
            "/provider/volumev3_endpoint_override",
        ),
        (json!({"host_ip": ""}), "/provider/host_ip"),
        (json!({"host_ip": "a b"}), "/provider/host_ip"),
        (json!({"identity_url": "ftp://x"}), "/provider/identity_url"),
        (json!({"auth_url": "ftp://x"}), "/provider/auth_url"),
        (json!({"host_protocol": "qemu"}), "/provider/host_protocol"),
        (json!({"username": " "}), "/provider/username"),
        (json!({"password": ""}), "/provider/password"),
        (json!({"tenant": "a\nb"}), "/provider/tenant"),
        (json!({"interface": "all"}), "/provider/interface"),
        (json!({"cacert": "/nonexistent"}), "/provider/cacert"),
        (json!({"insecure": "maybe"}), "/provider/insecure"),
        (json!({"timeout": 0}), "/provider/timeout"),
        (json!({"prices": {"m1": -1}}), "/provider/prices"),
        (json!({"prices": {"m1": "x"}}), "/provider/prices/m1"),
        (json!({"salt_driver": "ec2"}), "/provider/salt_driver"),
        (
            json!({"application_credential_id": "x"}),
            "/provider/application_credential_secret",
        ),
        (
            json!({"defaults": {"image": "a\nb"}}),
            "/provider/defaults/image",
        ),
    ] {
        let error = read(&members).unwrap_err();
        assert_eq!(error.field(), Some(field), "{members}: {error}");
        assert_eq!(error.kind(), crate::Kind::InvalidField, "{members}");
    }
}

#[test]
fn a_login_that_lacks_something_or_has_too_much_is_refused_at_its_member() {
    for (members, field) in [
        (json!({"system_scope": "all"}), "/provider/system_scope"),
        (
            json!({"tenant": null, "system_scope": "web"}),
            "/provider/system_scope",
        ),
        (
            json!({"auth_type": "v3password", "passcode": "1"}),
            "/provider/passcode",
        ),
        (json!({"access_token": "t"}), "/provider/access_token"),
        (
            json!({"auth_type": "v3multifactor", "auth_methods": ["v3oidcpassword"]}),
            "/provider/auth_methods",
        ),
        (
            json!({"auth_type": "v3oidcpassword", "protocol": "p"}),
            "/provider/identity_provider",
        ),
        (
            json!({"auth_type": "v3oidcpassword", "identity_provider": "i", "protocol": "p"}),
            "/provider/discovery_endpoint",
        ),
        (
            json!({"auth_type": "v3oidcclientcredentials", "identity_provider": "i", "protocol": "p",
                "discovery_endpoint": "nowhere"}),
            "/provider/discovery_endpoint",
        ),
        (
            json!({"auth_type": "none", "tenant": null}),
            "/provider/endpoint",
        ),
        (
            json!({"auth_type": "none", "endpoint": "http://x"}),
            "/provider/tenant",
        ),
        (json!({"endpoint": "http://x"}), "/provider/endpoint"),
    ] {
        let error = read(&members).unwrap_err();
        assert_eq!(error.field(), Some(field), "{members}: {error}");
        assert_eq!(error.kind(), Kind::InvalidField, "{members}");
    }
}

#[test]
fn prices_stand_in_either_place() {
    let settings = read(&json!({
        "prices": {"m1.tiny": 0.5},
        "flavours": {"m1.tiny": {"cost": 9}, "m1.large": {"num_cpus": 4, "cost": 2.5}, "m1.free": {}},
    }))
    .unwrap();
    let prices: Vec<_> = settings.prices.into_iter().collect();
    assert_eq!(prices, [("m1.tiny".into(), 0.5), ("m1.large".into(), 2.5)]);
}

#[test]
fn every_part_of_a_login_makes_it_another() {
    let key = |members: &Value| read(members).unwrap().login_key();
    let usual = key(&json!({}));
    assert_eq!(usual, key(&json!({"region": "RegionTwo", "timeout": 9})));
    for members in [
        json!({"password": "hunter3"}),
        json!({"username": "other"}),
        json!({"tenant": "small"}),
        json!({"host_ip": "192.0.2.8:5000"}),
        json!({"insecure": true}),
        json!({"user_domain": "lab"}),
        json!({"application_credential_id": "x", "application_credential_secret": "hunter2"}),
    ] {
        assert_ne!(usual, key(&members), "{members}");
    }
}

#[test]
fn no_secret_is_shown() {
    for members in [
        json!({}),
        json!({"application_credential_id": "x", "application_credential_secret": "hunter3"}),
    ] {
        let shown = format!("{:?}", read(&members).unwrap());
        assert!(!shown.contains("hunter"), "{shown}");
    }
}

#[test]
fn each_member_is_read_by_its_names_and_nothing_like_it_is_passed_over() {
    table_tests::check(
        &OpenstackDriver,
        include_str!("../../../../docs/openstack.md"),
    );
}

/// Where the default of a record stands in the way.
fn alone(members: &Value) -> Result<Settings, Error> {
    let mut whole = json!({"username": null, "password": null, "tenant": null});
    let record = whole.as_object_mut().unwrap();
    record.extend(members.as_object().unwrap().clone());
    read(&whole)
}

#[test]
fn a_login_is_the_same_however_it_is_written() {
    let usual =
        read(&json!({"user_domain": "people", "project_domain": "default", "region": "one"}));
    let usual = format!("{:?}", usual.unwrap());
    let auth = |more: Value| {
        let mut auth = json!({"username": "demo", "password": "hunter2", "project_name": "web"});
        let members = auth.as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().clone());
        auth
    };
    let apart = json!({"user_domain_name": "people", "project_domain_id": "default"});
    let both = json!({"user_domain_name": "people", "domain_id": "default"});
    let as_clouds_has_it = json!({"auth": auth(apart.clone()), "region_name": "one"});
    let as_salt_has_it = json!({
        "user": "demo", "password": "hunter2", "project": "web", "compute_region": "one",
        "user_domain_name": "people", "project_domain_id": "default", "verify": true,
    });
    let old = json!({"auth": auth(both), "regions": ["one", "two"], "insecure": "false"});
    for members in [as_clouds_has_it, as_salt_has_it, old] {
        let mut settings = alone(&members).unwrap();
        assert!(!format!("{:?}", settings.places).contains("hunter"));
        settings.places = super::Places::default();
        assert_eq!(format!("{settings:?}"), usual, "{members}");
    }
}

#[test]
fn domains_are_taken_by_name_or_id_as_they_are_given() {
    let domain = |members| match read(&members).unwrap().login {
        Login::Password(Who::Name(_, domain), _) => domain,
        other => panic!("{other:?}"),
    };
    let (name, id) = (
        |text: &str| Domain::Name(text.into()),
        |text: &str| Domain::Id(text.into()),
    );
    for (members, wanted) in [
        (json!({"user_domain_name": "elsewhere"}), name("elsewhere")),
        (json!({"user_domain_name": "default"}), name("default")),
        (json!({"user_domain_id": "elsewhere"}), id("elsewhere")),
        (
            json!({"user_domain_id": "a", "user_domain_name": "b"}),
            id("a"),
        ),
        (json!({"domain_name": "b"}), name("b")),
        (
            json!({"default_domain": "default", "domain_id": "a"}),
            id("a"),
        ),
        (json!({"default_domain_id": "a"}), id("a")),
    ] {
        assert_eq!(domain(members.clone()), wanted, "{members}");
    }
    let scope = read(&json!({"project_domain_name": "elsewhere"}))
        .unwrap()
        .scope;
    assert_eq!(scope, Scope::Project("web".into(), name("elsewhere")));
}

#[test]
fn one_logs_in_by_what_there_is_or_as_auth_type_says() {
    let shown = |members| format!("{:?}", alone(&members).unwrap().login);
    let user = json!({"username": "demo", "password": "p", "token": "t"});
    assert!(shown(json!({"username": "demo", "passcode": "1"})).starts_with("Totp("));
    let both = shown(json!({"username": "demo", "passcode": "1", "password": "p"}));
    assert!(
        both.starts_with("Several([Password(") && both.contains("Totp("),
        "{both}"
    );
    for (auth_type, login) in [
        ("password", "Password("),
        ("v3password", "Password("),
        ("v2password", "Password("),
        ("token", "Token("),
        ("v3token", "Token("),
    ] {
        let login_of = shown(json!({"auth_type": auth_type, "auth": user}));
        assert!(login_of.starts_with(login), "{auth_type}: {login_of}");
    }
    assert!(shown(json!({"auth_token": "t"})).starts_with("Token("));
    let by_name = json!({
        "application_credential_name": "ci", "application_credential_secret": "s",
        "username": "demo", "user_domain_id": "lab",
    });
    let Login::Application(credential, _) = alone(&by_name).unwrap().login else {
        panic!("{by_name}")
    };
    let whose = Who::Name("demo".into(), Domain::Id("lab".into()));
    assert_eq!(credential, ApplicationCredential::Name("ci".into(), whose));
    let error = read(&json!({"auth_type": "v3kerberos"})).unwrap_err();
    assert_eq!(
        (error.kind(), error.field()),
        (Kind::Unsupported, Some("/provider/auth_type"))
    );
    assert!(
        error.message().contains("v3applicationcredential"),
        "{error}"
    );
}

#[test]
fn a_login_is_for_a_project_a_trust_or_a_domain() {
    let user = json!({"username": "demo", "password": "p"});
    let scope = |members: Value| {
        let mut whole = members;
        whole["auth"] = user.clone();
        alone(&whole).unwrap().scope
    };
    assert_eq!(scope(json!({"trust_id": "t"})), Scope::Trust("t".into()));
    assert_eq!(
        scope(json!({"project_name": "web", "tenant_id": "x"})),
        Scope::ProjectId("x".into())
    );
    let lab = || Domain::Name("lab".into());
    assert_eq!(scope(json!({"domain_name": "lab"})), Scope::Domain(lab()));
    assert_eq!(
        scope(json!({"domain_name": "lab", "domain_scope": false})),
        Scope::Implied
    );
    assert_eq!(scope(json!({"default_domain": "lab"})), Scope::Implied);
    assert_eq!(
        scope(json!({"domain_name": "lab", "project_name": "web"})),
        Scope::Project("web".into(), lab())
    );
}

#[test]
fn where_services_are_may_be_said_in_several_ways() {
    let settings = read(&json!({
        "interface": ["internal", "publicURL"], "block_storage_endpoint_override": "https://x/v3",
        "network_endpoint_override": " ", "dns_endpoint_override": "nowhere", "endpoint_type": null,
        "compute_endpoint": "https://y", "volumev3_region_name": "two",
    }))
    .unwrap();
    assert_eq!(
        settings.interfaces,
        [Interface::Internal, Interface::Public]
    );
    assert_eq!(
        settings.services.volume.url.as_deref(),
        Some("https://x/v3")
    );
    assert_eq!(settings.services.volume.region.as_deref(), Some("two"));
    assert_eq!(settings.services.network, Whereabouts::default());
    assert_eq!(settings.services.compute.url.as_deref(), Some("https://y"));
}

#[test]
fn a_certificate_may_have_its_key_in_the_same_file_and_neither_is_shown() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    std::fs::write(path("cert"), "certificate hunter2").unwrap();
    std::fs::write(path("key"), "key hunter3").unwrap();
    let one = read(&json!({"cert": path("cert")})).unwrap();
    let both = read(&json!({"cert": path("cert"), "key": path("key"), "verify": false})).unwrap();
    let pem = both.tls.identity.as_ref().unwrap().expose();
    assert_eq!(pem, "certificate hunter2\nkey hunter3");
    assert!(both.tls.insecure && !one.tls.insecure);
    assert!(!format!("{one:?} {both:?}").contains("hunter"));
    assert_ne!(one.login_key(), both.login_key());
}

#[test]
fn without_keystone_the_services_are_where_it_is_said() {
    let settings = alone(&json!({
        "host_ip": null, "token": "t", "endpoint": "https://all:8774/v2.1", "project_id": "p",
        "image_endpoint_override": "https://images",
    }));
    let settings = settings.unwrap();
    assert!(matches!(settings.login, Login::Nowhere(Some(_))));
    assert_eq!(settings.address.to_string(), "https://all:8774/v2.1");
    let services = settings.services;
    assert_eq!(
        services.network.url.as_deref(),
        Some("https://all:8774/v2.1")
    );
    assert_eq!(services.image.url.as_deref(), Some("https://images"));
}

/// What openstacksdk, keystoneauth's logins and Salt's own driver know, by their documentation and code.
const KNOWN_ELSEWHERE: &str = "\
    auth_url system_scope domain_id domain_name project_id tenant_id project_name tenant_name \
    project_domain_id project_domain_name trust_id default_domain_id default_domain_name user_id username \
    user_name user_domain_id user_domain_name password token auth_token passcode auth_methods endpoint url \
    application_credential_id application_credential_name application_credential_secret identity_provider \
    protocol identity_provider_url service_provider_endpoint service_provider_entity_id access_token \
    client_id client_secret openid_scope access_token_endpoint discovery_endpoint access_token_type \
    redirect_uri code authorization_code device_authorization_endpoint code_challenge_method mutual_auth \
    consumer_key consumer_secret access_key access_secret oauth2_endpoint oauth2_client_id \
    oauth2_client_secret service_provider remote_project_id remote_project_name remote_project_domain_id \
    remote_project_domain_name auth auth_type auth_plugin cloud profile regions region_name interface \
    endpoint_type default_domain insecure verify cacert cert key api_timeout timeout force_ipv4 networks \
    external_network compute_api_version compute_default_microversion compute_endpoint_override \
    compute_endpoint compute_region_name compute_interface compute_endpoint_type compute_service_name \
    compute_service_type compute_min_version compute_max_version dns_endpoint_override dns_interface \
    volume_api_version block_storage_endpoint_override volumev3_endpoint_override \
    baremetal_status_code_retries compute_connect_retries compute_connect_retry_delay \
    identity_endpoint_override floating_ip_source secgroup_source image_format image_api_use_tasks \
    disable_vendor_agent vendor_hook requires_floating_ip message status has_network \
    user tenant project compute_region compute_name service_type use_keystoneauth auth_minion driver \
    ssh_key_name apikey";

#[test]
fn nothing_that_others_know_is_passed_over_unseen() {
    let unknown: Vec<_> = KNOWN_ELSEWHERE
        .split_whitespace()
        .filter(|name| super::MEMBERS.known(name).is_none())
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    let error = read(&json!({"comput_endpoint_override": "https://x"})).unwrap_err();
    assert!(
        error.message().contains("compute_endpoint_override"),
        "{error}"
    );
}
