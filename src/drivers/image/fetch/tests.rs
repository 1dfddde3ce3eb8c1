use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use super::*;

/// Answers every request with `answer`, which is told the request's path and the server's own
/// address; hands the requests out.
fn web_server(
    answer: impl Fn(&str, &str) -> String + Send + 'static,
) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let own = address.clone();
    let (sender, requests) = channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let (mut request, mut byte) = (String::new(), [0]);
            while !request.ends_with("\r\n\r\n") && stream.read(&mut byte).is_ok_and(|n| n == 1) {
                request.push(char::from(byte[0]));
            }
            let path = request.split(' ').nth(1).unwrap_or_default();
            let _ = stream.write_all(answer(path, &own).as_bytes());
            let _ = sender.send(request);
        }
    });
    (address, requests)
}

fn found(to: &str) -> String {
    format!(
        "HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"
    )
}

fn file(text: &str) -> String {
    let length = text.len();
    format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{text}")
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

/// `get`, on a machine whose environment may name a proxy.
fn fetched(text: &str) -> Result<String> {
    get(&url(text)).map(|response| response.text().unwrap())
}

#[test]
fn a_redirect_carries_neither_password_nor_referer_to_another_host() {
    let (other, asked_other) = web_server(|_, _| file("image"));
    let to = format!("http://{other}/b");
    let (first, asked_first) = web_server(move |path, _| match path {
        "/a?signature=s3cret" => found("/here"),
        _ => found(&to),
    });
    let source = format!("http://me:s3cret@{first}/a?signature=s3cret");
    assert_eq!(fetched(&source).unwrap(), "image");
    let (at_first, at_second) = (asked_first.recv().unwrap(), asked_first.recv().unwrap());
    for request in [at_first, at_second] {
        assert!(
            request.to_lowercase().contains("authorization: basic"),
            "{request}"
        );
    }
    let request = asked_other.recv().unwrap().to_lowercase();
    for secret in ["authorization", "referer", "s3cret", "cookie"] {
        assert!(!request.contains(secret), "{request}");
    }
}

#[test]
fn redirects_end() {
    let (server, requests) = web_server(|path, _| found(&format!("{path}x")));
    let error = fetched(&format!("http://{server}/")).unwrap_err();
    assert_eq!(error.field(), Some("/image/source"));
    assert!(error.message().contains("without end"), "{error}");
    assert_eq!(requests.try_iter().count(), REDIRECTS + 1);
}

#[test]
fn only_a_whole_file_is_taken() {
    for status in [
        "204 No Content",
        "206 Partial Content",
        "203 Other",
        "202 Accepted",
    ] {
        let (server, _requests) =
            web_server(move |_, _| format!("HTTP/1.1 {status}\r\nConnection: close\r\n\r\n"));
        let error = fetched(&format!("http://{server}/a?token=s3cret")).unwrap_err();
        assert_eq!(
            (error.kind(), error.field()),
            (Kind::InvalidField, Some("/image/source"))
        );
        assert!(error.message().contains(&status[..3]), "{error}");
        assert!(!error.message().contains("s3cret"), "{error}");
    }
}

#[test]
fn a_redirect_that_is_no_web_address_is_refused() {
    for to in ["file:///etc/passwd", "ftp://example.org/", "http://["] {
        let (server, _requests) = web_server(move |_, _| found(to));
        let error = fetched(&format!("http://{server}/")).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidField, "{to}");
    }
}

/// Whether a redirect from `given` to `to` is followed.
fn is_followed(given: &str, to: &str) -> bool {
    let place = Place::of(&url(given));
    match place.lead(&place.url, url(to)) {
        Ok(led) => {
            assert!(led.addresses.is_some());
            true
        }
        Err(error) => {
            assert_eq!(error.field(), Some("/image/source"));
            false
        }
    }
}

#[test]
fn a_web_server_leads_no_further_inwards_than_the_caller_has_gone() {
    let public = "http://192.0.2.1/a";
    for inside in [
        "http://127.0.0.1/",
        "http://127.8.8.8:8080/",
        "http://localhost/",
        "http://0.0.0.0/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://2130706433/",
        "http://169.254.169.254/latest/meta-data",
        "http://[fe80::1]/",
        "http://10.1.2.3/",
        "http://172.31.0.1/",
        "http://192.168.0.1/",
        "http://100.64.0.1/",
        "http://[fd00::1]/",
        "http://[2002:a00:1::]/",
    ] {
        assert!(!is_followed(public, inside), "{inside}");
        assert!(is_followed("http://127.0.0.1:81/", inside), "{inside}");
    }
    for outside in [
        "http://192.0.2.2/",
        "https://198.51.100.7/",
        "http://172.32.0.1/",
        "http://[2001:db8::1]/",
    ] {
        assert!(is_followed(public, outside), "{outside}");
    }
    assert!(is_followed("http://10.0.0.1/", "http://192.168.0.1/"));
    assert!(!is_followed("http://10.0.0.1/", "http://169.254.169.254/"));
    assert!(!is_followed("http://169.254.169.254/", "http://127.0.0.1/"));
}

#[test]
fn encryption_is_not_given_up() {
    assert!(!is_followed("https://192.0.2.1/", "http://192.0.2.2/"));
    assert!(!is_followed("https://192.0.2.1/", "http://192.0.2.1/"));
    assert!(is_followed("https://192.0.2.1/", "https://192.0.2.2/"));
}

#[test]
fn a_host_that_is_not_known_here_is_connected_to_by_a_proxy_only() {
    let place = Place::of(&url("http://192.0.2.1/"));
    let led = place
        .lead(&place.url, url("http://nowhere.invalid/"))
        .unwrap();
    assert_eq!(led.addresses.as_deref(), Some(&[][..]));
}
