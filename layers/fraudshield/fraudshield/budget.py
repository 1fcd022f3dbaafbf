"""How long anything may take, in seconds: one place, so that the sums can be checked against the template.

One transaction: policy read (once a minute) 0.95 + history 0.15 + store 0.95 + park 0.4 = 2.45 of the 2.5 promised; its
history is what velocity, aggregates and lists ask, all at once.
With DynamoDB unreachable the first of them opens the breaker and the rest are skipped: 0.95 + 0.4 < 1.5, and where
velocity came first 0.15 more. A payment of a type of one's own adds 0.04 once a minute, while the version that is known
can serve; the first of its type in a process reads what is in force and the document, each within 0.95.
"""

CONNECT_S = 0.5
READ_S = 0.4
ATTEMPTS = 2
BACK_OFF_S = 0.05  # at most; botocore's own back-off may sleep a second, so its retries are off
STORE_S = 0.95  # every attempt and the back-off of one store call
VELOCITY_S = 0.15  # the history of one transaction, all of it at once: what is late is left out and said
VELOCITIES_S = 2.0  # all transactions of a request together
PARK_S = 0.4
QUEUE_S = 2.0  # for one transaction to be queued: two attempts at connecting and reading
NOTE_S = 0.4  # to count what was refused, which is then not parked: what is late is not waited for
BREAKER_S = 5.0  # a payment is decided without the store; nobody else waits for it in that time
LOOKUP_ATTEMPTS, LOOKUP_S = 4, 2.0  # of one look-up and what is written for people: a busy store is waited for
LOOKUP_FAILURES, LOOKUP_BREAKER_S = 3, 1.0  # in a row, and for how long: who looks something up can wait, once
HEALTH_S = 4.0  # for one health check of a service, which may have just been started
PROBE_S, HEALTH_CACHE_S = 1.0, 5.0  # for all that a service asks to say how it is, and how long that is remembered
COLD_HEALTH_S, AGAIN_S = 9.0, 5.5  # for a check that may meet a cold start, and from a failure to the next look
TELL_S, PATIENCE_S = 1.5, 4.0  # for one attempt at what is told to people, and until when there may be another
MAIL_S = 8.0  # for SES to take one mail, to connect and to answer
COUNT_S = 2.0  # for one write of counts, which has many items and which no payment waits for
METRICS_S = 3.0  # for CloudWatch to give a page's metrics
FILE_READ_S = 10.0  # for one write of a file's decisions, of which a whole group is in one
PACED_S = 30.0  # until when such a write is tried; with its last attempt it ends within the least BATCH_TIMEOUT
POLICY_CACHE_S = 60.0
LIST_CACHE_S = 55.0  # a look-up that was on its way then counts within a minute all the same
EVENT_TYPE_LOOK_S = 0.04  # at what is in force, where the type is known: else the known version serves
FRESH_LOOK_S = 5.0  # between two looks for the sake of one name that is not known, or has an unknown field
LIST_S = 5.0  # after this a page ends with what it has
WRITES_STOP_S = 7.0  # from when the request came; what is not stored by then is parked
REQUEST_S = 8.0
LABEL_S = 2.0  # of a verdict's time: the label that goes with it
FUNCTION_S = 10.0
INTEGRATION_S = 11.0
