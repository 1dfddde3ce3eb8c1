//! Who is let in to a real cloud, and what whoever is not is told.

use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::common::openstack::{OpenStack, Rest};
use crate::common::{Call, Server};

fn status(provider: Value) -> Call {
    Call::new("provider.status").with("provider", provider)
}

/// The error of a provider that differs in `members`: kind, field, message.
fn refused(members: &Value) -> (String, Value, String) {
    let provider = OpenStack::shared().provider_with(members);
    let secret = OpenStack::shared().env("VA_OS_PASSWORD");
    let error = status(provider).error();
    assert!(!error.to_string().contains(secret), "{error}");
    (
        error["data"]["kind"].as_str().unwrap().to_owned(),
        error["data"]["field"].clone(),
        error["message"].as_str().unwrap().to_owned(),
    )
}

fn allowed(members: &Value) -> Value {
    status(OpenStack::shared().provider_with(members)).result()
}

#[test]
fn a_cloud_says_who_is_logged_in() {
    let result = allowed(&json!({}));
    assert_eq!(result["success"], true);
    assert_eq!(
        result["message"],
        "logged in as demo, project demo, region RegionOne"
    );
    let host = result["host"].as_str().unwrap();
    assert!(
        host.starts_with("Keystone v3.") && host.contains("Nova 2."),
        "{host}"
    );
    assert!(result.get("warnings").is_none(), "{result}");
}

#[test]
fn the_ways_to_name_keystone_and_who_logs_in() {
    let bed = OpenStack::shared();
    let url = bed.env("VA_OS_AUTH_URL");
    let root = url.strip_suffix("/v3").unwrap();
    for members in [
        json!({"identity_url": root}),
        json!({"identity_url": format!("{root}/")}),
        json!({"identity_url": null, "auth_url": format!("{root}/v3/")}),
        json!({"identity_url": format!("{root}/v2.0")}),
        json!({"identity_url": null, "host_ip": bed.host_ip()}),
        json!({"identity_url": null, "host_ip": url}),
        json!({"identity_url": null, "provider_ip": bed.host_ip(), "provider_protocol": "http"}),
        json!({"tenant": null, "project_name": "demo", "domain": "Default"}),
        json!({"tenant": null, "project_id": bed.demo().project_id, "user_domain": "default"}),
        json!({"username": null, "user_id": bed.demo().user_id}),
        json!({"interface": "internal"}),
        json!({"username": null, "password": null, "tenant": null,
            "application_credential_id": bed.env("VA_OS_APP_CRED_ID"),
            "application_credential_secret": bed.env("VA_OS_APP_CRED_SECRET")}),
    ] {
        let result = allowed(&members);
        assert_eq!(result["success"], true, "{members}");
    }
}

#[test]
fn a_user_of_another_domain_is_somebody_else() {
    let domain = OpenStack::shared().env("VA_OS_DOMAIN_OTHER");
    let result = allowed(&json!({"domain": domain}));
    assert_eq!(result["success"], true);
    let (kind, field, _) = refused(&json!({"user_domain": domain}));
    assert_eq!(
        (kind.as_str(), field),
        ("auth_failed", json!("/provider/tenant"))
    );
}

#[test]
fn domains_are_taken_by_the_names_that_keystone_has_for_them() {
    let other = OpenStack::shared().env("VA_OS_DOMAIN_OTHER");
    let both = json!({"user_domain_name": other, "project_domain_name": other});
    assert_eq!(allowed(&both)["success"], true);
    let below = json!({"auth": {"user_domain_id": "default", "project_domain_name": "Default"}});
    assert_eq!(allowed(&below)["success"], true);
    for (members, at) in [
        (json!({"user_domain_name": other}), "/provider/tenant"),
        (json!({"user_domain_name": "nowhere"}), "/provider/password"),
        (json!({"user_domain_id": "nowhere"}), "/provider/password"),
        (
            json!({"project_domain_name": "nowhere"}),
            "/provider/tenant",
        ),
        (json!({"project_domain_id": "nowhere"}), "/provider/tenant"),
    ] {
        let (kind, field, _) = refused(&members);
        assert_eq!(
            (kind.as_str(), field),
            ("auth_failed", json!(at)),
            "{members}"
        );
    }
}

#[test]
fn what_a_login_finds_wrong_is_told_where_it_was_said() {
    let bed = OpenStack::shared();
    let auth =
        json!({"auth_url": bed.env("VA_OS_AUTH_URL"), "username": "demo", "password": "wrong"});
    let none = json!({
        "identity_url": null, "username": null, "password": null, "auth": auth,
    });
    let (kind, field, _) = refused(&none);
    assert_eq!(
        (kind.as_str(), field),
        ("auth_failed", json!("/provider/auth/password"))
    );
}

#[test]
fn one_logs_in_with_a_token_or_by_a_trust() {
    let bed = OpenStack::shared();
    let user = User::new("login-trust");
    let token = user.log_in().token().to_owned();
    let by_token = json!({"username": null, "password": null, "token": token});
    let message = allowed(&by_token)["message"].clone();
    assert!(
        message
            .as_str()
            .unwrap()
            .starts_with("logged in as login-trust, project demo")
    );
    let by_token =
        json!({"username": null, "password": null, "auth_type": "v3token", "token": "none"});
    let (kind, field, _) = refused(&by_token);
    assert_eq!(
        (kind.as_str(), field),
        ("auth_failed", json!("/provider/token"))
    );

    let demo = bed.demo();
    let trust = demo.post(
        "identity",
        "/OS-TRUST/trusts",
        &json!({"trust": {
            "trustor_user_id": demo.user_id, "trustee_user_id": user.id, "impersonation": true,
            "project_id": demo.project_id, "roles": [{"name": "member"}],
        }}),
    );
    let id = &trust["trust"]["id"];
    let message =
        allowed(&json!({"username": user.name, "tenant": null, "trust_id": id}))["message"].clone();
    assert!(
        message
            .as_str()
            .unwrap()
            .starts_with("logged in as demo, project demo"),
        "{message}"
    );
    let (kind, field, _) = refused(&json!({"tenant": null, "trust_id": "nowhere"}));
    assert_eq!(
        (kind.as_str(), field),
        ("auth_failed", json!("/provider/trust_id"))
    );
    demo.delete(
        "identity",
        &format!("/OS-TRUST/trusts/{}", id.as_str().unwrap()),
    );
}

#[test]
fn an_application_credential_is_not_taken_for_another_project() {
    let bed = OpenStack::shared();
    let with = |tenant: &str| {
        json!({"username": null, "password": null, "tenant": tenant,
            "application_credential_id": bed.env("VA_OS_APP_CRED_ID"),
            "application_credential_secret": bed.env("VA_OS_APP_CRED_SECRET")})
    };
    assert_eq!(allowed(&with("demo"))["success"], true);
    let (kind, field, message) = refused(&with("small"));
    assert_eq!(
        (kind.as_str(), field),
        ("auth_failed", json!("/provider/tenant"))
    );
    assert!(message.contains("\"demo\""), "{message}");
}

#[test]
fn a_service_is_asked_where_the_provider_says() {
    let bed = OpenStack::shared();
    let images =
        |members: &Value| Call::new("provider.images").with("provider", bed.provider_with(members));
    let glance = bed.demo().endpoint("image").to_owned();
    let found = images(&json!({"image_endpoint_override": glance})).result();
    assert!(!found["images"].as_array().unwrap().is_empty());
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}/v2", free.local_addr().unwrap());
    drop(free);
    let error = images(&json!({"image_endpoint_override": nobody})).error();
    assert_eq!(error["data"]["kind"], "connection_failed", "{error}");
    // Nova's place is taken even where the catalog has none at that interface
    let nova = bed.demo().endpoint("compute").to_owned();
    let elsewhere = json!({"interface": "admin", "compute_endpoint_override": nova});
    assert_eq!(allowed(&elsewhere)["success"], true);
}

#[test]
fn a_wrong_password_is_told_from_a_wrong_project() {
    let (kind, field, message) = refused(&json!({"password": "not this one"}));
    assert_eq!(
        (kind.as_str(), field),
        ("auth_failed", json!("/provider/password"))
    );
    assert!(message.contains("\"demo\""), "{message}");

    let (kind, field, message) = refused(&json!({"tenant": "nowhere"}));
    assert_eq!(
        (kind.as_str(), field),
        ("auth_failed", json!("/provider/tenant"))
    );
    assert!(
        message.contains("\"nowhere\"") && message.contains("small"),
        "{message}"
    );

    let (kind, field, _) = refused(&json!({"application_credential_id": "0123456789",
        "application_credential_secret": "not this one"}));
    assert_eq!(
        (kind.as_str(), field),
        (
            "auth_failed",
            json!("/provider/application_credential_secret")
        )
    );
}

#[test]
fn a_wrong_region_is_told_with_those_there_are() {
    let bed = OpenStack::shared();
    let (kind, field, message) = refused(&json!({"region": "nowhere"}));
    assert_eq!(
        (kind.as_str(), field),
        ("invalid_field", json!("/provider/region"))
    );
    for region in ["VA_OS_REGION", "VA_OS_REGION_OTHER"] {
        assert!(message.contains(bed.env(region)), "{message}");
    }
    let (kind, field, _) = refused(&json!({"region": null}));
    assert_eq!(
        (kind.as_str(), field),
        ("invalid_field", json!("/provider/region"))
    );
    let other = bed.env("VA_OS_REGION_OTHER");
    let message = allowed(&json!({"region": other}))["message"].clone();
    assert!(message.as_str().unwrap().ends_with(other), "{message}");
}

#[test]
fn a_host_that_is_not_there_is_told_from_one_that_is_not_keystone() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = free.local_addr().unwrap().to_string();
    drop(free);
    let (kind, field, message) = refused(&json!({"identity_url": null, "host_ip": place}));
    assert_eq!(
        (kind.as_str(), field),
        ("connection_failed", json!("/provider/host_ip"))
    );
    assert!(message.contains("nobody answers"), "{message}");

    let (kind, field, message) =
        refused(&json!({"identity_url": "http://no-such-host.invalid:5000/v3"}));
    assert_eq!(
        (kind.as_str(), field),
        ("connection_failed", json!("/provider/identity_url"))
    );
    assert!(message.contains("not known"), "{message}");

    let nova = OpenStack::shared().demo().endpoint("compute").to_owned();
    let (kind, _, message) = refused(&json!({"identity_url": nova}));
    assert_eq!(kind, "connection_failed");
    assert!(message.contains("is not Keystone"), "{message}");
}

/// A user of its own, who is removed with all tokens.
struct User {
    id: String,
    name: String,
}

impl User {
    fn new(name: &str) -> Self {
        let (admin, demo) = (OpenStack::shared().admin(), OpenStack::shared().demo());
        let secret = OpenStack::shared().env("VA_OS_PASSWORD");
        let body = json!({"user": {"name": name, "password": secret, "domain_id": "default"}});
        let id = admin.post("identity", "/users", &body)["user"]["id"].clone();
        let id = id.as_str().unwrap().to_owned();
        let roles = admin.get("identity", "/roles?name=member");
        let role = roles["roles"][0]["id"].as_str().unwrap();
        let path = format!("/projects/{}/users/{id}/roles/{role}", demo.project_id);
        let (status, said) = admin.try_ask(Method::PUT, "identity", &path, None);
        assert_eq!(status, 204, "{said}");
        Self {
            id,
            name: name.to_owned(),
        }
    }

    /// Makes every token worthless that was given out so far.
    fn revoke_tokens(&self) {
        let admin = OpenStack::shared().admin();
        let secret = OpenStack::shared().env("VA_OS_PASSWORD");
        for password in ["for a moment", secret] {
            let body = json!({"user": {"password": password}});
            admin.patch("identity", &format!("/users/{}", self.id), &body);
        }
        // Keystone counts seconds: what is given out in this one is worthless as well
        let end = Instant::now() + Duration::from_secs(60);
        while !self.accepted() {
            assert!(Instant::now() < end, "no token of {} is good", self.name);
            thread::sleep(Duration::from_millis(200));
        }
    }

    /// Whether a new token is good.
    fn accepted(&self) -> bool {
        self.log_in()
            .try_ask(Method::GET, "compute", "/flavors", None)
            .0
            == 200
    }

    fn log_in(&self) -> Rest {
        let bed = OpenStack::shared();
        let secret = bed.env("VA_OS_PASSWORD");
        Rest::log_in(bed.env("VA_OS_AUTH_URL"), &self.name, secret, "demo")
    }
}

impl Drop for User {
    fn drop(&mut self) {
        let admin = OpenStack::shared().admin();
        let _ = admin.try_ask(
            Method::DELETE,
            "identity",
            &format!("/users/{}", self.id),
            None,
        );
    }
}

#[test]
fn a_token_that_was_revoked_is_renewed_without_a_word() {
    let bed = OpenStack::shared();
    let user = User::new("login-revoked");
    let provider = bed.provider_with(&json!({"username": user.name}));
    let mut server = Server::start();
    let mut ask = |id: u32| {
        server.send(status(provider.clone()).line(id).as_bytes());
        server.receive()
    };
    let answer = ask(1);
    assert_eq!(answer["result"]["success"], true, "{answer}");
    let session = user.log_in();
    user.revoke_tokens();
    let (status, _) = session.try_ask(Method::GET, "compute", "/flavors", None);
    assert_eq!(
        status, 401,
        "the bed still takes the token; see tests/common/openstack"
    );
    let answer = ask(2);
    assert_eq!(answer["result"]["success"], true, "{answer}");
}
