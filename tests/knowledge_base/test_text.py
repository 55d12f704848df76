"""What people type, brought into one form."""

from __future__ import annotations

import pytest

from knowledge_base.text import after_purchase, is_elliptical, masked, normalised, topic_words, use_dictionary


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("請問 七天無理由退貨運費誰出？？？", "七天无理由退货运费谁出"),
        ("您好，在吗，问一下怎么开发票啊谢谢", "怎么开发票啊"),
        ("ｉＰｈｏｎｅ　有货吗", "iphone 有货吗"),
        ("啊啊啊啊啊怎么还不到", "啊啊怎么还不到"),
        ("满10000减100", "满10000减100"),
        ("亲子装有吗", "亲子装有吗"),
        ("亲，有货吗", "有货吗"),
        ("客服电话多少", "客服电话多少"),
        ("订单号：20250101123456789什么时候发货", "订单号什么时候发货"),
        ("138-1234-5678收不到验证码", "手机号收不到验证码"),
        ("https://m.tb.cn/h.abc?x=1 这个有货吗", "这个有货吗"),
        ("打不开 https://m.tb.cn/h.abc?x=1", "打不开"),
        ("https://m.tb.cn/h.abc?x=1", "链接"),
        ("这个 https://m.tb.cn/h.abc?x=1 还有货吗", "这个 链接 还有货吗"),
        ("拍 下 了 2 件 能 改 地址 么", "拍下了2件能改地址么"),
        ("在 吗 这 款 有 红色 么", "这款有红色么"),
        ("退了 怎么还没到账", "退了 怎么还没到账"),
        ("iphone 15 pro max 的壳", "iphone 15 pro max 的壳"),
        ("我想问一下发什么快递", "发什么快递"),
        ("请问下午能送吗", "下午能送吗"),
        ("老板在吗，能便宜点吗", "能便宜点吗"),
        ("老板说能退的", "老板说能退的"),
        ("亲你家发什么快递", "你家发什么快递"),
        ("什么时候到呀亲", "什么时候到呀"),
        ("送给父亲", "送给父亲"),
        ("什么时候发货 急", "什么时候发货"),
        ("我不急", "我不急"),
        ("什么时候发货？谢谢", "什么时候发货"),
        ("我想咨询这个商品：https://m.tb.cn/h.abc 包邮吗", "包邮吗"),
        ("咨询个问题，怎么开发票", "怎么开发票"),
        ("帮我看下，什么时候到", "什么时候到"),
        ("帮我看下快递到哪了", "帮我看下快递到哪了"),
        ("怎么开发票，请尽快回复", "怎么开发票"),
        ("退货😀😡", "退货生气"),
        ("***月***号还款", "几月几号还款"),
        ("你好", "你好"),
        ("a\0b", "a b"),
        ("", ""),
    ],
)
def test_typed_text_takes_one_form(typed: str, form: str) -> None:
    assert normalised(typed) == form


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("/:^_^包邮吗/:Q", "包邮吗"),
        ("/:087什么时候发货", "什么时候发货"),
        ("#E-s02怎么退#E-s[数字x]", "怎么退"),
        ("#E-微笑什么时候到货", "什么时候到货"),
        ("[捂脸]怎么退货[大哭]", "怎么退货"),
        ("[退货]怎么弄", "[退货]怎么弄"),
        ("买1/:送1么", "买1/:送1么"),
        ("[图片]少了一件", "少了一件"),
        ("[图片]", "图片"),
        ("[商品快照] 这款保修多久", "这款保修多久"),
        ("订单编号:88301245561 订单金额:￥59.00 下单时间:2026-06-18 10:22:31 能改地址吗", "能改地址吗"),
        ("咨询订单号：88301245561，商品ID：1000234 怎么退", "怎么退"),
        ("[订单编号:[ORDERID_10477]，订单金额:[金额x]，下单时间:[日期x] [时间x]] 什么时候发货", "什么时候发货"),
        ("订单编号:88301245561 订单金额:59.00", "订单号"),
        ("订单状态：已发货，下单时间：2026-1-1 怎么还没到", "怎么还没到"),
        ("订单号:88301245561 怎么还没到", "订单号 怎么还没到"),
        ("[数字x]天无理由可以退吗", "几天无理由可以退吗"),
        ("送到[地址x]要多久", "送到这里要多久"),
        ("[姓名x] 什么时候发货", "什么时候发货"),
        ("https://item.jd.com/[数字x].html 有货吗", "有货吗"),
        ("[订单号]什么时候到", "订单号什么时候到"),
        ("&nbsp;发什么快递<br/>", "发什么快递"),
        ("退款3<5元的 怎么算", "退款3<5元的 怎么算"),
        ("[微笑][微笑]", ""),
    ],
)
def test_what_the_chat_put_in_is_left_out(typed: str, form: str) -> None:
    assert normalised(typed) == form


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("我昨天买的耳机,怎么还没发货", "怎么还没发货"),
        ("刚拍了1.5米的床 老顾客下的单。什么时候到", "什么时候到"),
        ("昨天买的坏了,怎么办", None),
        ("买两件能便宜吗,包邮么", None),
        ("怎么还没发货,昨天买的", None),
        ("昨天拍的,好的", None),
        ("什么时候发货", None),
    ],
)
def test_what_was_bought_may_come_before_the_question(question: str, asked: str | None) -> None:
    assert after_purchase(question) == asked


@pytest.mark.parametrize(
    "text", ["[订单编号:1" * 200, "订单号:1 " * 100, "#e-" * 150, "/:" * 250, "[" * 500, "<a " * 160, "买," * 250]
)
def test_no_line_of_marks_takes_long(text: str) -> None:
    normalised(text), after_purchase(text)


@pytest.mark.parametrize(
    "text", ["請問 七天無理由退貨運費誰出？？？", "您好，在吗，问一下怎么开发票啊谢谢", "***月***号还款"]
)
def test_the_form_of_a_form_is_itself(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


def test_a_very_long_text_keeps_its_beginning_and_its_end() -> None:
    form = normalised("开头的问题" + "哈哈嘿" * 3000 + "结尾的问题")

    assert form.startswith("开头的问题") and form.endswith("结尾的问题")
    assert len(form) < 600


def test_a_line_of_links_without_spaces_takes_no_time() -> None:
    """Read as many links one after the other it would be tried in more ways than there are seconds."""
    assert normalised("在 " + "www.a" * 60 + "中文") == "在 链接中文"


def test_stored_text_holds_no_numbers_of_people() -> None:
    text = "我叫小林，手机 +86 138 1234 5678，身份证11010119900101123X，邮箱 a.b@c.com，订单20260105123456789"

    assert masked(text) == "我叫小林,手机 [手机号],身份证[身份证号],邮箱 [邮箱],[订单号]"


def test_words_without_a_topic_are_told_from_those_with_one() -> None:
    use_dictionary()

    assert topic_words("怎么弄啊") == ()
    assert topic_words("优惠券怎么用不了") == ("优惠券", "用不了")


def test_a_question_that_only_names_its_topic_is_told_from_a_whole_one() -> None:
    assert all(map(is_elliptical, ("运费呢", "那运费呢", "那么发票呢", "蓝色的呢")))
    assert not any(map(is_elliptical, ("什么时候发货呢", "能退吗", "运费谁出呢", "怎么还没发货呢", "运费")))
