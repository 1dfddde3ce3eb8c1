//! Clouds that are slow, broken, busy, old or hostile.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::common::{Call, Server};
use crate::stub::{Asked, Reply, Stub, TOKEN, catalog};

pub(crate) const FLAVORS: &str = "GET /compute/v2.1/flavors";
pub(crate) const LOGIN: &str = "POST /v3/auth/tokens";

pub(crate) fn status(provider: &Value) -> Call {
    Call::new("provider.status").with("provider", provider.clone())
}

/// The error of asking `stub` for its status.
pub(crate) fn refused(stub: &Stub) -> Value {
    status(&stub.provider()).error()
}

/// Of `error` the kind, after seeing that no secret is in it.
pub(crate) fn kind(error: &Value) -> &str {
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
    let mut provider = stub.provider();
    provider["timeout"] = json!(4);
    let error = status(&provider).error();
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
            error["message"].as_str().unwrap().contains("than 4 MiB"),
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
        (asked.what() == FLAVORS && newest.is_some_and(|text| text == "compute 2.93")).then(|| {
            Reply::Json(
                406,
                json!({"computeFault": {"code": 406, "message":
                "Version 2.93 is not supported by the API. Minimum is 2.1 and maximum is 2.60."}}),
            )
        })
    });
    status(&stub.provider()).result();
    let last = stub.asked_for(FLAVORS).pop().unwrap();
    assert_eq!(last.headers["openstack-api-version"], "compute 2.60");
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

/// What 5,000 servers are, on pages as large as a cloud gives them.
fn many_servers(asked: &Asked) -> Option<Reply> {
    if asked.what() != "GET /compute/v2.1/servers/detail" {
        return None;
    }
    let first: usize = asked
        .path
        .split("marker=")
        .nth(1)
        .map_or(0, |at| at.parse().unwrap());
    let server = |number: usize| {
        json!({
            "id": format!("{number:08}-0000-4000-8000-000000000000"), "name": format!("web-{number:04}"),
            "status": "ACTIVE", "OS-EXT-STS:power_state": 1, "created": "2026-11-22T07:45:37Z",
            "flavor": {"original_name": "m1.small", "vcpus": 2, "ram": 512, "disk": 5},
            "image": {"id": "a4c0", "links": [{"rel": "bookmark", "href": "http://x/images/a4c0"}]},
            "metadata": {"owner": "ops", "va-driver.image": "debian"},
            "addresses": {"private": [{
                "addr": format!("10.1.{}.{}", number / 250, number % 250), "version": 4,
                "OS-EXT-IPS:type": "fixed", "OS-EXT-IPS-MAC:mac_addr": "fa:16:3e:00:00:01",
            }]},
            // what nobody asks for
            "OS-EXT-SRV-ATTR:user_data": "x".repeat(8 << 10),
        })
    };
    let page: Vec<Value> = (first..first + 1000).map(server).collect();
    let next = format!("{}/servers/detail?marker={}", asked.base, first + 1000);
    let links = if first < 4000 {
        json!([{"rel": "next", "href": next}])
    } else {
        json!([])
    };
    let body =
        json!({"servers": page, "servers_links": links, "junk": vec![json!([[], {}]); 10_000]});
    Some(Reply::Json(200, body))
}

#[test]
fn a_listing_takes_no_more_memory_than_what_it_becomes() {
    let stub = Stub::start(many_servers);
    let mut server = Server::start();
    // what the program of the tests itself takes, which is not the one that is packed
    server.send(Call::new("version").line(1).as_bytes());
    server.receive();
    let before = server.peak_memory();
    let call = Call::new("server.list").with("provider", stub.provider());
    server.send(call.line(2).as_bytes());
    let answer = server.receive();
    assert_eq!(
        answer["result"]["servers"].as_array().map(Vec::len),
        Some(5000)
    );
    let taken = server.peak_memory() - before;
    println!("5,000 servers: {taken} KiB beside {before}");
    assert!(taken < 50 << 10, "{taken} KiB beside {before}");
}

#[test]
fn an_answer_full_of_nothing_takes_little_memory() {
    let nothing = |count: usize| vec!["[]"; count].join(",");
    for (body, says) in [
        // what is no server, and what stands beside them
        (format!("{{\"servers\": [{}]}}", nothing(5 << 20)), ""),
        (
            format!(
                "{{\"servers\": [], \"servers_links\": [{}]}}",
                nothing(5 << 20)
            ),
            "",
        ),
        (
            format!(
                "{{\"servers\": [{}]}}",
                vec!["{\"id\":\"\"}"; 2 << 20].join(",")
            ),
            "more than fits",
        ),
    ] {
        let stub = Stub::start(move |asked| {
            let is_list = asked.what() == "GET /compute/v2.1/servers/detail";
            is_list.then(|| Reply::With(200, Vec::new(), body.clone()))
        });
        let mut server = Server::start();
        let call = Call::new("server.list").with("provider", stub.provider());
        server.send(call.line(1).as_bytes());
        let answer = server.receive();
        let peak = server.peak_memory();
        assert!(
            answer.to_string().contains(says),
            "{:.300}",
            answer.to_string()
        );
        assert!(peak < 500 << 10, "{peak} KiB: {says}");
    }
}
