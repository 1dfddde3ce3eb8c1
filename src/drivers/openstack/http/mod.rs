//! HTTP as the services of a cloud need it: every request ends in bounded time and memory, an
//! interruption ends its wait at once, and what may be repeated is repeated.
//!
//! | file | concern |
//! |---|---|
//! | `request` | what is sent |
//! | `client` | the connections, and one request over them from its first try to its last |
//! | `exchange` | one try: send, read the answer piece by piece |
//! | `page` | a page of a listing, read as it comes |
//! | `retry` | when another try may follow, and after how long |
//! | `upload` | data that is sent piece by piece |
//! | `redaction` | the session's own secrets, kept out of what is answered |
//! | `answer` | what came back, as JSON |
//! | `transport_error` | why nothing came back |
//! | `redirect` | where a redirect may lead |
//! | `time_limit` | a deadline and an interruption, together |

mod answer;
mod client;
mod exchange;
mod page;
mod redaction;
mod redirect;
mod request;
mod retry;
mod time_limit;
mod transport_error;
mod upload;

pub(super) use answer::Answer;
#[cfg(test)]
pub(super) use client::tests::answering;
pub(super) use client::{Http, Tls};
pub(super) use page::{Page, PageReader};
pub(super) use request::Request;
pub(super) use retry::Tries;
pub(super) use time_limit::TimeLimit;
pub(super) use transport_error::{Cause, Result, TransportError};
