//! Clouds whose answers are not what they should be: one thing that is wrong hides nothing else, ids
//! lead nowhere else, and what a service quotes of a secret is not passed on.

use serde_json::{Value, json};

use crate::common::Call;
use crate::stub::{Asked, PASSWORD, Reply, Stub, TOKEN};

const SERVERS: &str = "GET /compute/v2.1/servers/detail";

fn ask(stub: &Stub, method: &str) -> Call {
    Call::new(method).with("provider", stub.provider())
}

fn names(list: &Value) -> Vec<&str> {
    let all = list.as_array().unwrap().iter();
    all.map(|one| one["name"].as_str().unwrap()).collect()
}

#[test]
fn one_server_that_cannot_be_read_hides_no_other() {
    let healthy = json!({
        "id": "1", "name": "web", "status": "ACTIVE", "metadata": {}, "addresses": {},
        "flavor": {"original_name": "m1.small", "vcpus": 2, "ram": 512, "disk": 5}
    });
    for (sick, shown) in [
        (
            json!({"metadata": null, "addresses": null, "status": "ACTIVE"}),
            true,
        ),
        (json!({"name": null}), true),
        (
            json!({"flavor": {"original_name": "odd", "vcpus": -1, "ram": "many"}}),
            true,
        ),
        (
            json!({"metadata": {"va-driver.creation": "no id", "va-driver.port.0": 7}}),
            true,
        ),
        (json!({"id": null}), false),
        (json!(null), false),
        (json!([]), false),
    ] {
        let mut sick = sick;
        if let Some(members) = sick.as_object_mut() {
            members.entry("id").or_insert(json!("2"));
            members.entry("name").or_insert(json!("sick"));
        }
        let page = json!({"servers": [sick, healthy]});
        let stub = Stub::start(move |asked| {
            (asked.what() == SERVERS).then(|| Reply::Json(200, page.clone()))
        });
        let answer = ask(&stub, "server.list").result();
        let list = names(&answer["servers"]);
        assert!(list.contains(&"web"), "{answer:#}");
        assert_eq!(list.len(), 1 + usize::from(shown), "{answer:#}");
    }
}

#[test]
fn one_flavour_or_network_that_cannot_be_read_hides_no_other() {
    let stub = Stub::start(|asked| {
        let body = match asked.what().as_str() {
            "GET /compute/v2.1/flavors/detail" => json!({"flavors": [
                {"id": "1", "name": "odd", "vcpus": -1, "ram": null, "disk": 1.5},
                {"id": "2", "name": null, "vcpus": 1},
                {"name": "lost"},
                {"id": "3", "name": "m1.small", "vcpus": 2, "ram": 512, "disk": 5},
            ]}),
            "GET /network/v2.0/networks" => json!({"networks": [
                {"id": "1", "name": null, "subnets": null, "admin_state_up": null},
                {"id": {}, "name": "lost"},
                {"id": "2", "name": "lan", "admin_state_up": true, "status": "ACTIVE"},
            ]}),
            "GET /image/v2/images" => json!({"images": [
                {"id": "1", "name": "odd", "status": "active", "min_disk": -1, "size": "large"},
                {"id": "2", "name": "debian", "status": "active"},
            ]}),
            _ => return None,
        };
        Some(Reply::Json(200, body))
    });
    for (method, member, there) in [
        ("provider.sizes", "sizes", vec!["2", "m1.small", "odd"]),
        ("provider.networks", "networks", vec!["1", "lan"]),
        ("provider.images", "images", vec!["debian", "odd"]),
    ] {
        let answer = ask(&stub, method).result();
        let mut found = names(&answer[member]);
        found.sort_unstable();
        assert_eq!(found, there, "{answer:#}");
    }
}

#[test]
fn an_id_that_would_lead_elsewhere_is_not_followed() {
    for id in ["a?x=1", "../flavors/1", "a/b", "a#b", "%2e%2e", ""] {
        let stub = Stub::start(move |asked: &Asked| {
            let server = json!({"id": id, "name": "web", "status": "ACTIVE"});
            (asked.what() == SERVERS).then(|| Reply::Json(200, json!({"servers": [server]})))
        });
        for (method, more) in [
            ("server.delete", json!({"force": true})),
            ("server.action", json!({"action": "reboot"})),
        ] {
            let mut call = ask(&stub, method).with("server_name", "web");
            for (name, value) in more.as_object().unwrap() {
                call = call.with(name, value.clone());
            }
            let error = call.error();
            assert_eq!(error["data"]["kind"], "internal", "{id} {error:#}");
        }
        let sent: Vec<String> = stub.asked().iter().map(Asked::what).collect();
        let changed = |what: &&String| what.starts_with("DELETE") || what.ends_with("/action");
        assert_eq!(sent.iter().find(changed), None, "{id}");
    }
}

#[test]
fn a_service_that_quotes_a_secret_does_not_tell_it() {
    use base64::Engine as _;
    let base64 = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let token = |asked: &Asked| asked.token().unwrap_or_default().to_owned();
    for form in 0..4 {
        let stub = Stub::start(move |asked| {
            if asked.what() != "GET /compute/v2.1/flavors" {
                return None;
            }
            let said = match form {
                0 => format!("{} / {PASSWORD}", token(asked)),
                1 => format!(
                    "{} / {}",
                    base64(&token(asked)),
                    base64(&format!("demo:{PASSWORD}"))
                ),
                2 => format!("?t={}&p={}", token(asked), PASSWORD.replace(' ', "%20")),
                _ => json!({"X-Auth-Token": token(asked), "password": PASSWORD}).to_string(),
            };
            let body = json!({"badRequest": {"message": said, "code": 400}});
            Some(Reply::Json(400, body))
        });
        let mut provider = stub.provider();
        provider["provider_name"] = json!(format!("stub{form}"));
        let state = tempfile::tempdir().unwrap();
        let call = Call::new("provider.status").with("provider", provider);
        let output = crate::common::run_in(state.path(), &["-vv", "rpc"], call.line(1).as_bytes());
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(said.contains("[secret]"), "{said}");
        for secret in [
            TOKEN,
            PASSWORD,
            &base64(TOKEN),
            &base64(&format!("demo:{PASSWORD}"))[7..],
            "correct%20horse",
        ] {
            assert!(!said.contains(secret), "{secret}: {said}");
        }
    }
}

#[test]
fn a_redirect_with_the_token_in_it_tells_no_token() {
    for to in ["https://elsewhere.example/?t=", "/compute/v2.1/other?t="] {
        let stub = Stub::start(move |asked| {
            (asked.what() == "GET /compute/v2.1/flavors").then(|| {
                let location = format!("{to}{}", asked.token().unwrap());
                Reply::With(302, vec![("Location", location)], String::new())
            })
        });
        let error = ask(&stub, "provider.status").error();
        assert_eq!(error["data"]["kind"], "connection_failed", "{error:#}");
        assert!(!error.to_string().contains(TOKEN), "{error:#}");
        assert!(stub.asked_for("GET /compute/v2.1/other").is_empty());
    }
}

#[test]
fn a_service_that_fails_hides_no_server_of_another() {
    let stub = Stub::start(|asked| {
        let what = asked.what();
        if what == SERVERS {
            let server =
                json!({"id": "1", "name": "web", "image": {"id": "7"}, "flavor": {"id": "1"}});
            return Some(Reply::Json(200, json!({"servers": [server]})));
        }
        (what.starts_with("GET /image") || what.ends_with("/flavors/detail"))
            .then(|| Reply::With(500, Vec::new(), "broken".to_owned()))
    });
    let answer = ask(&stub, "server.list").result();
    assert_eq!(names(&answer["servers"]), ["web"]);
    assert_eq!(answer["servers"][0]["image"], "7");
}
