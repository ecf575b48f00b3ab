/**
 * Live frames from topics of Apache Kafka, and alerts to them. Start at {@link
 * org.etalon.feeds.kafka.KafkaFeed}.
 */
@NullMarked
package org.etalon.feeds.kafka;

import org.jspecify.annotations.NullMarked;
