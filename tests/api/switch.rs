//! Switching the policy for duplicates while people are written (D-07).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use precinct::pb;
use precinct::pb::DuplicatePolicy;
use tonic::Status;

use crate::on_both;
use crate::support::actor::{Actor, ok};
use crate::support::status::reason;

async fn switch(actor: &Actor, policy: DuplicatePolicy) -> Result<(), Status> {
    let settings =
        pb::TenantSettings { duplicate_policy: policy.into(), ..pb::TenantSettings::default() };
    let tenant = pb::Tenant { settings: Some(settings), ..pb::Tenant::default() };
    let request = pb::UpdateTenantRequest { tenant: Some(tenant), ..Default::default() };
    actor.tenants().update_tenant(request).await.map(drop)
}

on_both! {
    /// D-07: of a twin and the switch to REJECT that race, one is refused.
    async fn d_07_no_write_that_races_the_switch_leaves_a_duplicate(app) {
        let ada = app.tenant("acme").await.admin();
        let (p1, p2) = (ada.partition("P1").await, ada.partition("P2").await);
        let w = ada.workspace("W", &[&p1, &p2]).await;
        for round in 0..10 {
            let email = format!("p{round}@example.com");
            switch(&ada, DuplicatePolicy::Allow).await.unwrap();
            ok(ada.try_person(&w, &p1, &email).await);
            let (switched, twin) = tokio::join!(
                switch(&ada, DuplicatePolicy::Reject),
                ada.try_person(&w, &p2, &email)
            );
            assert_ne!(switched.is_ok(), twin.is_ok(), "{switched:?} {twin:?}");
            if let Ok(twin) = twin {
                let request = pb::DeletePersonRequest {
                    workspace_id: w.clone(),
                    person_id: twin.into_inner().person.unwrap().person_id,
                    ..pb::DeletePersonRequest::default()
                };
                ok(ada.people().delete_person(request).await);
            }
        }
    }

    /// D-07: the switch comes through although people are written all the time.
    async fn d_07_the_switch_is_not_starved(app) {
        let ada = app.tenant("acme").await.admin();
        let p1 = ada.partition("P1").await;
        let w = ada.workspace("W", &[&p1]).await;
        let stop = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..6)
            .map(|writer| {
                let (ada, w, stop) = (ada.clone(), w.clone(), stop.clone());
                tokio::spawn(async move {
                    let mut failed = BTreeSet::new();
                    for number in 0.. {
                        if stop.load(Ordering::Relaxed) {
                            break;
                        }
                        let email = format!("p{writer}x{number}@example.com");
                        if let Err(status) = ada.try_person(&w, "", &email).await {
                            failed.insert(reason(&status));
                        }
                    }
                    failed
                })
            })
            .collect();
        for policy in [DuplicatePolicy::Allow, DuplicatePolicy::Reject, DuplicatePolicy::Allow] {
            switch(&ada, policy).await.unwrap();
        }
        stop.store(true, Ordering::Relaxed);
        for writer in writers {
            assert_eq!(writer.await.unwrap(), BTreeSet::new());
        }
    }
}
