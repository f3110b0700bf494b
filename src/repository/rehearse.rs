//! Work that is done to see that nothing is in its way, and taken back.

use super::write::Tx;
use crate::error::Result;

// === impl Tx ===

impl Tx {
    /// Does some work and takes it back, with all that it noted here; its refusal is that of the transaction.
    pub async fn rehearse(&self, work: impl AsyncFnOnce() -> Result<()>) -> Result<()> {
        let (log, foreseen) = (std::mem::take(&mut *self.log()), self.foreseen());
        self.connection.lock().await.savepoint().await?;
        work().await?;
        self.connection.lock().await.rollback_to_savepoint().await?;
        self.foresee_again(foreseen);
        *self.log() = log;
        Ok(())
    }
}
