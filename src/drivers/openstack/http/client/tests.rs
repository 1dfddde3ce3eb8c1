use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use reqwest::Method;
use url::Url;

use super::{Http, Tls};
use crate::Secret;
use crate::drivers::openstack::http::{Cause, Request, TimeLimit};
use crate::transaction::Cancel;

const LONG: Duration = Duration::from_secs(60);

/// Reads a request, which has no body or one of the length that it says.
fn read(stream: &mut BufReader<TcpStream>) {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
            break;
        }
        if let Some(text) = line.to_lowercase().strip_prefix("content-length:") {
            length = text.trim().parse().unwrap();
        }
    }
    let _ = stream.read_exact(&mut vec![0; length]);
}

/// A server that answers each request with `answer`, and ends the connection. It counts them.
fn server(answer: &'static str) -> (Url, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            read(&mut stream);
            counted.fetch_add(1, Ordering::SeqCst);
            let _ = stream.get_mut().write_all(answer.as_bytes());
        }
    });
    (Url::parse(&url).unwrap(), count)
}

/// A server that answers one request after the other with these, a status and a body; an empty status breaks
/// the connection.
pub(in crate::drivers::openstack) fn answering(answers: Vec<(&'static str, String)>) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        for (status, body) in answers {
            let mut stream = BufReader::new(listener.accept().unwrap().0);
            read(&mut stream);
            if !status.is_empty() {
                let head = format!("Connection: close\r\nContent-Length: {}", body.len());
                write!(
                    stream.get_mut(),
                    "HTTP/1.1 {status}\r\n{head}\r\n\r\n{body}"
                )
                .unwrap();
            }
        }
    });
    Url::parse(&url).unwrap()
}

fn http() -> Http {
    Http::new(&Tls::default(), LONG).unwrap()
}

fn limit() -> TimeLimit {
    TimeLimit::new(LONG, &Cancel::default())
}

#[test]
fn what_may_have_been_done_is_not_done_again() {
    for (method, tries) in [(Method::POST, 1), (Method::DELETE, 3), (Method::GET, 3)] {
        let (url, count) = server("");
        let error = http().send(&Request::new(method.clone(), url), &limit());
        assert_eq!(error.unwrap_err().cause, Cause::Broken);
        assert_eq!(count.load(Ordering::SeqCst), tries, "{method}");
    }
}

#[test]
fn what_was_refused_as_busy_is_done_again() {
    let busy =
        "HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let (url, count) = server(busy);
    let answer = http().send(&Request::new(Method::POST, url), &limit());
    assert_eq!(answer.unwrap().status(), 503);
    assert!(count.load(Ordering::SeqCst) > 1);
}

#[test]
fn a_pause_longer_than_there_is_time_is_not_made() {
    let busy =
        "HTTP/1.1 503 Busy\r\nRetry-After: 86400\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let (url, count) = server(busy);
    let answer = http().send(&Request::get(url), &limit());
    assert_eq!(answer.unwrap().status(), 503);
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[test]
fn an_interruption_ends_a_request() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    let cancel = Cancel::default();
    let limit = TimeLimit::new(Duration::from_secs(3600), &cancel);
    thread::scope(|scope| {
        let asks = scope.spawn(|| http().send(&Request::get(url), &limit));
        // accepted, and never answered
        let _open = listener.accept().unwrap();
        cancel.cancel();
        assert_eq!(asks.join().unwrap().unwrap_err().cause, Cause::Cancelled);
    });
}

#[test]
fn data_is_sent_and_a_peer_that_does_not_take_it_is_left() {
    let (url, count) = server("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    let token = Secret::new("token".into());
    let send = |url: Url, size: u64, stall: Duration| {
        let data = std::io::repeat(7).take(size);
        http().upload(url, &token, data, size, stall, &Cancel::default())
    };
    assert_eq!(send(url, 1 << 20, LONG).unwrap().status(), 204);
    assert_eq!(count.load(Ordering::SeqCst), 1);

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
    let error = send(url, 1 << 40, Duration::from_secs(1)).unwrap_err();
    assert_eq!(error.cause, Cause::TimedOut);
}

#[test]
fn a_file_without_certificates_is_refused_in_its_field() {
    let tls = Tls {
        authorities: Some(b"no certificate".to_vec()),
        ..Tls::default()
    };
    let error = Http::new(&tls, LONG).unwrap_err();
    assert_eq!(error.field(), Some("/provider/cacert"));
}
