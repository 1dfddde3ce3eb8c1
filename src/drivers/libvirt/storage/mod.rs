//! Volumes: their names, what goes into them and comes out.
//!
//! | file | concern |
//! |---|---|
//! | `names` | what volumes are called |
//! | `stream` | data into a volume and out of it |

pub(super) mod names;
pub(super) mod stream;
