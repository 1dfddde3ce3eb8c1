//! Who is spoken to and how: certificates, plain HTTP, redirects, logs.

use serde_json::{Value, json};

use crate::bad_clouds::{FLAVORS, LOGIN, kind, refused, status};
use crate::common::{self, Call};
use crate::stub::{Reply, Stub, TOKEN};

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
    assert_eq!(error["data"]["retryable"], false, "{error}");
    assert!(thief.asked().is_empty());
}

#[test]
fn a_keystone_that_wants_https_says_where_it_is() {
    let stub = Stub::start(|asked| {
        let location = vec![("Location", format!("https://cloud.example{}", asked.path))];
        Some(Reply::With(301, location, String::new()))
    });
    let error = refused(&stub);
    assert_eq!(error["data"]["retryable"], false, "{error}");
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("redirects to https://cloud.example/"),
        "{error}"
    );
}

#[test]
fn a_service_at_another_interface_is_told_from_one_that_is_not_there() {
    let stub = Stub::start(|_| None);
    let mut provider = stub.provider();
    provider["interface"] = json!("internal");
    provider["region"] = json!("RegionOne");
    provider["compute_endpoint_override"] = json!(format!("{}/compute/v2.1", stub.base));
    let error = Call::new("provider.networks")
        .with("provider", provider)
        .error();
    assert_eq!(error["data"]["field"], "/provider/interface", "{error}");
    let message = error["message"].as_str().unwrap();
    assert!(message.ends_with("it has it at: public"), "{error}");
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
    let state = tempfile::tempdir().unwrap();
    let output = common::run_in(state.path(), &["rpc"], status(&careless).line(1).as_bytes());
    let warnings = common::lines(&output)[0]["result"]["warnings"].clone();
    assert!(
        warnings[0].as_str().unwrap().contains("without checking"),
        "{warnings}"
    );
    let logged = String::from_utf8_lossy(&output.stderr);
    assert!(
        logged.contains("WARN") && logged.contains("insecure"),
        "{logged}"
    );
}

#[test]
fn a_certificate_of_this_side_is_shown_where_the_provider_has_one() {
    let dir = tempfile::tempdir().unwrap();
    let made = dir.path().join("tls");
    Call::new("tls.init")
        .with("directory", made.to_str().unwrap())
        .with("hosts", json!(["127.0.0.1"]))
        .with("clients", json!(["ops"]))
        .result();
    let host = made.join("server/127.0.0.1");
    let stub = Stub::start_tls_for_clients(&host);
    let mut provider = stub.provider();
    provider["verify"] = json!(host.join("cacert.pem"));
    let error = status(&provider).error();
    assert_eq!(kind(&error), "connection_failed", "{error}");
    assert!(stub.asked().is_empty());

    let client = |name: &str| made.join("client/ops").join(name);
    provider["cert"] = json!(client("clientcert.pem"));
    let error = status(&provider).error();
    assert_eq!(error["data"]["field"], "/provider/cert", "{error}");
    provider["key"] = json!(client("clientkey.pem"));
    status(&provider).result();

    let both = dir.path().join("both.pem");
    let read = |name: &str| std::fs::read_to_string(client(name)).unwrap();
    std::fs::write(&both, read("clientkey.pem") + &read("clientcert.pem")).unwrap();
    provider["cert"] = json!(both);
    provider["key"] = Value::Null;
    status(&provider).result();
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
fn a_network_service_at_another_interface_is_not_done_without() {
    let stub = Stub::start(|asked| {
        let said = match asked.what().as_str() {
            "GET /image/v2/images" => {
                json!({"images": [{"id": "i", "name": "tiny", "status": "active"}]})
            }
            "GET /compute/v2.1/flavors/detail" => {
                let size = json!({"id": "1", "name": "m1", "ram": 64, "vcpus": 1, "disk": 1});
                json!({"flavors": [size]})
            }
            "GET /compute/v2.1/servers/detail" => json!({"servers": []}),
            "GET /compute/v2.1/limits" => json!({"limits": {"absolute": {}}}),
            _ => return None,
        };
        Some(Reply::Json(200, said))
    });
    let mut provider = stub.provider();
    provider["interface"] = json!("internal");
    provider["region"] = json!("RegionOne");
    provider["compute_endpoint_override"] = json!(format!("{}/compute/v2.1", stub.base));
    provider["image_endpoint_override"] = json!(format!("{}/image", stub.base));
    let spec = json!({"server_name": "web", "image": "tiny", "size": "m1"});
    let error = Call::new("server.create")
        .with("provider", provider)
        .with("server", spec)
        .error();
    assert_eq!(error["data"]["field"], "/provider/interface", "{error}");
    assert!(stub.asked_for("POST /compute/v2.1/servers").is_empty());
}
