//! What the cloud has, found by what it is called.
//!
//! | file | concern |
//! |---|---|
//! | `lists` | whole listings of what the project can use |
//! | `resolve` | what a request names: an image, a size, a network … |
//! | `servers` | the server that a name or an id means, and which of them this program made |

pub(super) mod lists;
pub(super) mod resolve;
pub(super) mod servers;
