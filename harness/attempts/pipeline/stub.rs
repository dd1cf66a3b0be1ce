//! A pipeline: two stages, each on a thread of its own, with the items running through them one behind the other.
//!
//! The brief is in `README.md`. `cargo kata` shows you the first test to make green.

use std::marker::PhantomData;

/// Runs every item of `input` through `first` and then `second`, each on a thread of its own, and yields the results in order.
/// Works on endless input: at most 32 items are under way. Dropping the iterator stops both threads, and waits for them.
pub fn pipeline<A, B, C>(
    input: impl IntoIterator<Item = A, IntoIter: Send + 'static>,
    first: impl Fn(A) -> B + Send + 'static,
    second: impl Fn(B) -> C + Send + 'static,
) -> impl Iterator<Item = C>
where
    A: Send + 'static,
    B: Send + 'static,
    C: Send + 'static,
{
    Results::start(input.into_iter(), first, second)
}

/// The results, one after the other, as the consumer asks for them.
pub struct Results<C> {
    _your_fields_instead: PhantomData<C>,
}

impl<C: Send + 'static> Results<C> {
    fn start<A, B>(
        _input: impl Iterator<Item = A> + Send + 'static,
        _first: impl Fn(A) -> B + Send + 'static,
        _second: impl Fn(B) -> C + Send + 'static,
    ) -> Self
    where
        A: Send + 'static,
        B: Send + 'static,
    {
        todo!("start a thread for each stage")
    }
}

impl<C> Iterator for Results<C> {
    type Item = C;
    fn next(&mut self) -> Option<C> {
        todo!("hand out the next result, or pass on the panic of a stage")
    }
}

impl<C> Drop for Results<C> {
    fn drop(&mut self) {
        todo!("stop both threads, and wait for them")
    }
}
