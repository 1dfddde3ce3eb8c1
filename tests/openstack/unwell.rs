//! Clouds that are slow, broken, busy, old or hostile.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::common::{self, Call, Server};
use crate::stub::{Asked, Reply, Stub, TOKEN, catalog};

const FLAVORS: &str = "GET /compute/v2.1/flavors";
const LOGIN: &str = "POST /v3/auth/tokens";

fn status(provider: &Value) -> Call {
    Call::new("provider.status").with("provider", provider.clone())
}

/// The error of asking `stub` for its status.
fn refused(stub: &Stub) -> Value {
    status(&stub.provider()).error()
}

/// Of `error` the kind, after seeing that no secret is in it.
fn kind(error: &Value) -> &str {
    let text = error.to_string();
    assert!(
        !text.contains("correct horse") && !text.contains("token-"),
        "{text}"
    );
    error["data"]["kind"].as_str().unwrap()
}

fn unauthorized() -> Reply {
    Reply::Json(
        401,
        json!({"error": {"code": 401, "message": "no", "title": "Unauthorized"}}),
    )
}

#[test]
fn a_busy_service_is_asked_again_when_it_says() {
    let stub = Stub::start(|asked| {
        (asked.what() == FLAVORS && asked.times < 3).then(|| {
            let after = vec![("Retry-After", "1".to_owned())];
            Reply::With(503, after, "busy".to_owned())
        })
    });
    status(&stub.provider()).result();
    let asked = stub.asked_for(FLAVORS);
    assert_eq!(asked.len(), 3);
    for pair in asked.windows(2) {
        assert!(pair[1].at - pair[0].at >= Duration::from_secs(1));
    }
}

#[test]
fn a_service_that_stays_busy_is_not_asked_for_ever() {
    let stub = Stub::start(|asked| {
        (asked.what() == FLAVORS).then(|| {
            let after = vec![("Retry-After", "0".to_owned())];
            Reply::With(429, after, String::new())
        })
    });
    let error = refused(&stub);
    assert_eq!(kind(&error), "connection_failed");
    assert_eq!(error["data"]["retryable"], true);
    assert!((2..=10).contains(&stub.asked_for(FLAVORS).len()));
}

#[test]
fn a_service_that_does_not_answer_times_out() {
    let stub = Stub::start(|asked| (asked.what() == FLAVORS).then_some(Reply::Hang));
    let mut provider = stub.provider();
    provider["timeout"] = json!(2);
    let error = status(&provider).error();
    assert_eq!(kind(&error), "timeout");
    assert!(
        error["message"].as_str().unwrap().contains("Nova"),
        "{error}"
    );
}

#[test]
fn an_interruption_ends_the_wait() {
    let stub = Stub::start(|asked| (asked.what() == FLAVORS).then_some(Reply::Hang));
    let mut server = Server::start();
    server.send(status(&stub.provider()).line(1).as_bytes());
    stub.wait_for(FLAVORS);
    server.signal(Signal::INT);
    let answer = server.receive();
    assert_eq!(answer["error"]["data"]["kind"], "cancelled", "{answer}");
}

#[test]
fn an_answer_without_end_is_given_up() {
    for said in [true, false] {
        let stub = Stub::start(move |asked| {
            let bytes = 4 << 30;
            (asked.what() == FLAVORS).then_some(Reply::Large { bytes, said })
        });
        let mut server = Server::start();
        server.send(status(&stub.provider()).line(1).as_bytes());
        let answer = server.receive();
        let error = &answer["error"];
        assert_eq!(kind(error), "internal", "{answer}");
        assert!(
            error["message"].as_str().unwrap().contains("64 MiB"),
            "{error}"
        );
        let peak = server.peak_memory();
        assert!(peak < 400 << 10, "{peak} KiB");
    }
}

#[test]
fn html_is_named_as_what_it_is() {
    let stub = Stub::start(|asked| {
        (asked.what() == FLAVORS)
            .then(|| Reply::With(200, Vec::new(), "<!DOCTYPE html><h1>Hotel</h1>".to_owned()))
    });
    let error = refused(&stub);
    assert_eq!(kind(&error), "internal");
    assert!(
        error["message"].as_str().unwrap().contains("HTML"),
        "{error}"
    );
}

#[test]
fn a_web_server_is_not_keystone() {
    let stub = Stub::start(|_| {
        Some(Reply::With(
            200,
            Vec::new(),
            "<html>It works</html>".to_owned(),
        ))
    });
    let error = refused(&stub);
    assert_eq!(kind(&error), "connection_failed");
    assert_eq!(error["data"]["field"], "/provider/identity_url");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("is not Keystone"), "{message}");
    // whoever it is has not learnt the password
    assert!(stub.asked().iter().all(|asked| asked.method == "GET"));
}

#[test]
fn a_question_is_asked_again_where_the_connection_broke() {
    let stub =
        Stub::start(|asked| (asked.what() == FLAVORS && asked.times == 1).then_some(Reply::Cut));
    status(&stub.provider()).result();
    assert_eq!(stub.asked_for(FLAVORS).len(), 2);
}

#[test]
fn a_token_that_is_refused_is_renewed() {
    let stub = Stub::start(|asked| {
        (asked.what() == FLAVORS && asked.token() == Some(TOKEN)).then(unauthorized)
    });
    status(&stub.provider()).result();
    let tokens: Vec<_> = stub
        .asked_for(FLAVORS)
        .iter()
        .map(|asked| asked.token().unwrap().to_owned())
        .collect();
    assert_eq!(tokens, ["token-1", "token-2"]);
}

#[test]
fn tokens_that_are_always_refused_are_not_renewed_for_ever() {
    let stub = Stub::start(|asked| (asked.what() == FLAVORS).then(unauthorized));
    assert_eq!(kind(&refused(&stub)), "auth_failed");
    assert_eq!(stub.asked_for(LOGIN).len(), 2);
}

#[test]
fn a_token_is_renewed_before_its_end() {
    let stub = Stub::start(|asked| {
        (asked.what() == LOGIN).then(|| {
            let body = json!({"token": {
                "user": {"id": "u", "name": "demo"}, "project": {"id": "p", "name": "web"},
                // over before it is used, by a clock that is not ours
                "issued_at": "2001-01-01T00:00:00Z", "expires_at": "2001-01-01T00:00:00.001Z",
                "catalog": catalog(&asked.base),
            }});
            let token = vec![("X-Subject-Token", format!("token-{}", asked.times))];
            Reply::With(201, token, body.to_string())
        })
    });
    status(&stub.provider()).result();
    let last = stub.asked_for(FLAVORS)[0].token().unwrap().to_owned();
    assert_ne!(last, TOKEN);
}

#[test]
fn a_session_logs_in_once() {
    let stub = Stub::start(|_| None);
    let mut server = Server::start();
    for id in 1..=3 {
        server.send(status(&stub.provider()).line(id).as_bytes());
    }
    for _ in 1..=3 {
        let answer = server.receive();
        assert_eq!(answer["result"]["success"], true, "{answer}");
    }
    assert_eq!(stub.asked_for(LOGIN).len(), 1);
    // somebody with another password is somebody else
    let mut other = stub.provider();
    other["password"] = json!("wrong");
    server.send(status(&other).line(4).as_bytes());
    let answer = server.receive();
    assert_eq!(answer["error"]["data"]["kind"], "auth_failed", "{answer}");
}

#[test]
fn an_older_nova_is_asked_for_what_it_has() {
    let stub = Stub::start(|asked| {
        let newest = asked.headers.get("openstack-api-version");
        (asked.what() == FLAVORS && newest.is_some_and(|text| text == "compute 2.79")).then(|| {
            Reply::Json(
                406,
                json!({"computeFault": {"code": 406, "message":
                "Version 2.79 is not supported by the API. Minimum is 2.1 and maximum is 2.60."}}),
            )
        })
    });
    status(&stub.provider()).result();
    let last = stub.asked_for(FLAVORS).pop().unwrap();
    assert_eq!(last.headers["openstack-api-version"], "compute 2.60");
}

#[test]
fn a_token_does_not_follow_a_redirect_to_another_host() {
    let thief = Stub::start(|_| Some(Reply::Json(200, json!({"flavors": []}))));
    let to = format!("{}/compute/v2.1/flavors", thief.base);
    let stub = Stub::start(move |asked| {
        let location = vec![("Location", to.clone())];
        (asked.what() == FLAVORS).then(|| Reply::With(302, location, String::new()))
    });
    let error = refused(&stub);
    assert_eq!(kind(&error), "connection_failed");
    assert!(
        error["message"].as_str().unwrap().contains("redirects to"),
        "{error}"
    );
    assert!(thief.asked().is_empty());
}

#[test]
fn a_redirect_on_the_same_host_is_followed() {
    let stub = Stub::start(|asked| match asked.path.as_str() {
        "/compute/v2.1/flavors?limit=1" => {
            let location = vec![("Location", "/elsewhere".to_owned())];
            Some(Reply::With(307, location, String::new()))
        }
        "/elsewhere" => Some(Reply::Json(200, json!({"flavors": []}))),
        _ => None,
    });
    status(&stub.provider()).result();
    assert_eq!(stub.asked_for("GET /elsewhere")[0].token(), Some(TOKEN));
}

/// A Keystone from before v3.
fn legacy(asked: &Asked) -> Option<Reply> {
    Some(match asked.what().as_str() {
        "GET /" => Reply::Json(
            300,
            json!({"versions": {"values": [{"id": "v2.0", "status": "deprecated"}]}}),
        ),
        "POST /v2.0/tokens" => {
            let auth = &asked.body["auth"];
            assert_eq!(auth["tenantName"], "web");
            assert_eq!(auth["passwordCredentials"]["username"], "demo");
            let url = format!("{}/compute/v2.1/p", asked.base);
            Reply::Json(
                200,
                json!({"access": {
                    "token": {"id": TOKEN, "expires": "2014-01-31T16:30:58Z",
                        "issued_at": "2014-01-31T15:30:58.819584", "tenant": {"id": "p", "name": "web"}},
                    "user": {"id": "u", "name": "demo"},
                    "serviceCatalog": [{"type": "compute", "name": "nova", "endpoints": [
                        {"region": "RegionOne", "publicURL": url, "internalURL": url, "adminURL": url},
                    ]}],
                }}),
            )
        }
        "GET /compute/v2.1/p/flavors" => Reply::Json(200, json!({"flavors": []})),
        _ => return None,
    })
}

#[test]
fn a_keystone_with_v2_only_is_logged_in_to() {
    let stub = Stub::start(legacy);
    let result = status(&stub.provider()).result();
    assert_eq!(
        result["message"],
        "logged in as demo, project web, region RegionOne"
    );
    assert!(
        result["host"]
            .as_str()
            .unwrap()
            .starts_with("Keystone v2.0"),
        "{result}"
    );
    let asked = stub.asked_for("GET /compute/v2.1/p/flavors");
    assert_eq!(asked[0].token(), Some(TOKEN));
    assert!(stub.asked_for(LOGIN).is_empty());
}

#[test]
fn certificates_are_checked() {
    let dir = tempfile::tempdir().unwrap();
    let made = dir.path().join("tls");
    Call::new("tls.init")
        .with("directory", made.to_str().unwrap())
        .with("hosts", json!(["127.0.0.1"]))
        .result();
    let host = made.join("server/127.0.0.1");
    let stub = Stub::start_tls(&host, |_| None);

    let error = refused(&stub);
    assert_eq!(kind(&error), "connection_failed");
    assert_eq!(error["data"]["field"], "/provider/identity_url");
    assert!(
        error["message"].as_str().unwrap().contains("cacert"),
        "{error}"
    );
    assert!(stub.asked().is_empty());

    let mut trusting = stub.provider();
    trusting["cacert"] = json!(host.join("cacert.pem"));
    let result = status(&trusting).result();
    assert!(result.get("warnings").is_none(), "{result}");

    // a bare host:port means https, here with the protocol's default left out
    let mut bare = trusting.clone();
    bare["identity_url"] = Value::Null;
    bare["host_ip"] = json!(stub.base.strip_prefix("https://").unwrap());
    status(&bare).result();

    let mut careless = stub.provider();
    careless["insecure"] = json!(true);
    let warnings = status(&careless).result()["warnings"].clone();
    assert!(
        warnings[0].as_str().unwrap().contains("without checking"),
        "{warnings}"
    );
}

#[test]
fn a_server_without_tls_is_told_from_one_with() {
    let stub = Stub::start(|_| None);
    let mut provider = stub.provider();
    let place = stub.base.strip_prefix("http://").unwrap();
    provider["identity_url"] = json!(format!("https://{place}"));
    provider["connect_timeout"] = json!(2);
    let error = status(&provider).error();
    assert_eq!(kind(&error), "connection_failed");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(&format!("http://{place}")), "{message}");
    assert!(stub.asked_for(LOGIN).is_empty());
}

#[test]
fn nothing_secret_is_logged() {
    let stub = Stub::start(|_| None);
    let state = tempfile::tempdir().unwrap();
    let line = status(&stub.provider()).line(1);
    let output = common::run_in(state.path(), &["-vvv", "rpc"], line.as_bytes());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("/v3/auth/tokens"), "{said}");
    for secret in ["correct horse", TOKEN] {
        assert!(!said.contains(secret), "{said}");
    }
}

#[test]
fn a_listing_without_end_is_given_up() {
    let stub = Stub::start(|asked| {
        (asked.what() == "GET /network/v2.0/networks").then(|| {
            let link = json!([{"rel": "next", "href": format!("{}/network/v2.0/networks?marker=n", asked.base)}]);
            Reply::Json(
                200,
                json!({"networks": [{"id": "n", "name": "n"}], "networks_links": link}),
            )
        })
    });
    let begun = Instant::now();
    let error = Call::new("provider.networks")
        .with("provider", stub.provider())
        .error();
    assert!(
        error["message"].as_str().unwrap().contains("no end"),
        "{error}"
    );
    assert!(begun.elapsed() < Duration::from_secs(100));
}
