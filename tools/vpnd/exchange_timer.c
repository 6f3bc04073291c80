// SPDX-License-Identifier: GPL-2.0
/* What happens to an exchange with time: its last message again, then its end. */
#include "ike.h"
#include "quick.h"

static void retry_quick(struct exchange *ex)
{
	struct ike *ike = ex->sa->ike;

	if (ex->tries++ == IKE_QM_RETRIES) {
		sa_log(ex->sa, "deleting node %d error TRUE reason \"QM_TIMER expired\"",
		       (int32_t)ex->msgid);
		/* the peer may use what we have not: its third message was lost */
		task_info_delete_esp(ex->sa, ex->qm->pair.in_spi);
		exchange_free(ex);
		return;
	}
	sa_log(ex->sa, "retransmitting phase 2 %d ...", (int32_t)ex->msgid);
	exchange_resend(ex);
	timer_start(&ike->timers, &ex->retry, ike->now + IKE_QM_RETRY_MS);
}

static void retry_begun(struct exchange *ex)
{
	struct ike *ike = ex->sa->ike;

	if (ex->tries++ == IKE_MM_RETRIES) {
		sa_log(ex->sa, "deleting node %d error TRUE reason \"QM_TIMER expired\"",
		       (int32_t)ex->msgid);
		/* it may have forgotten the SA: the next try begins with a new one */
		ike_sa_kill(ex->sa, "peer does not answer");
		return;
	}
	sa_log(ex->sa, "retransmitting phase 2 %d ...", (int32_t)ex->msgid);
	exchange_resend(ex);
	timer_start(&ike->timers, &ex->retry,
		    ike->now + ike_retry_ms(IKE_MM_RETRY_MS, ex->tries));
}

static void retry_set(struct exchange *ex)
{
	struct ike_sa *sa = ex->sa;

	if (ex->tries++ == IKE_CFG_RETRIES) {
		exchange_free(ex);
		task_modecfg_gave_up(sa);
		return;
	}
	sa_log(sa, "retransmitting peer config. message ID = %d", (int32_t)ex->msgid);
	exchange_resend(ex);
	timer_start(&sa->ike->timers, &ex->retry,
		    sa->ike->now + ike_retry_ms(IKE_CFG_RETRY_MS, ex->tries));
}

/**
 * exchange_timer - an answer is late, or it is time to forget
 * @arg: exchange; may be gone afterwards, its SA dead
 */
void exchange_timer(void *arg)
{
	struct exchange *ex = arg;

	switch (ex->state) {
	case EX_WAIT_QM2:
		retry_begun(ex);
		break;
	case EX_WAIT_QM3:
		retry_quick(ex);
		break;
	case EX_SWITCH:
		quick_finish(ex);
		break;
	case EX_WAIT_ACK:
		retry_set(ex);
		break;
	case EX_WAIT_LOGIN:
	case EX_LOGIN_FAILED:
	case EX_WAIT_STATUS:
		task_xauth_timer(ex);
		break;
	default:
		sa_log(ex->sa, "purging node %d", (int32_t)ex->msgid);
		exchange_free(ex);
	}
}
