//! Who may do what, and who sees what, as one immutable structure per tenant.
//!
//! An [`Index`] is made from [`facts`](fact::Fact) and answers from dense numbers and bitsets: a decision is
//! a hash, a binary search and a mask. It is never changed: [`Index::with`] makes the next one, from the
//! same facts whether it is the first or the thousandth.

mod accounts;
mod admins;
mod answer;
mod bits;
mod compare;
mod explain;
pub mod fact;
mod folders;
mod index;
mod look;
mod object;
mod rows;
mod seers;
#[cfg(test)]
mod tests;
mod who;

pub use answer::{At, Question, Verdict};
pub use bits::Bits;
pub use compare::{Changes, Primary, Rights, Sight, Standing, State, Turnout};
pub use explain::{Change, Explanation, Link};
pub use fact::Fact;
pub use folders::{Reach, Unseen};
pub use index::{Index, account_name, group_name};
pub use look::{Item, Look, Membership, Sighting, Sorted, Step, Way};
pub use object::Object;
pub use seers::{Asking, Place, Seer, Through, View};
pub use who::{Role, Seen, User};
