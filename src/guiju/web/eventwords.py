"""The name of what an event of the audit chain did, in words: a step of a process, or an act outside every process."""

from __future__ import annotations

from guiju.kernel.models import Event
from guiju.kernel.process import processes
from guiju.web.story import NOTICES

ACTS = {
    # of a case, beside its steps
    "note": "写备注", "tick": "控制要点", "override": "放行控制要点", "request": "申请审批", "resubmit": "重新申请",
    "vote": "审批意见", "withdraw": "撤回申请", "returned": "审批后退回", "pause": "暂停计时", "resume": "恢复计时",
    "remind": "时限提醒", "due": "时限到期", "overdue": "时限到期", "breach": "时限到期", "clock": "时限到期",
    "escalate": "超期升级", "move": "改用新版标准书", "classify": "改密级", "evidence": "制作证据包", "erase": "按期清除个人信息",
    "import": "历史导入", "import_change": "历史导入", "missing_list": "抄报资料不齐清单", "missing_list_received": "签收资料不齐清单",
    # money
    "receive_money": "收款入账", "check_receipt": "复核收款", "check_return": "复核暂收款退回",
    "ask_return": "申请退回暂收款", "decide_return": "审批退回暂收款", "pay_back": "退回暂收款",
    "return_came_back": "暂收款退回的退汇", "reverse_receipt": "冲销收款",
    "identify_money": "查明暂收款", "allocate_money": "指定抵付", "close_till": "收款日结", "check_till": "复核日结",
    "take_statement": "导入对账单", "match_bank_line": "确认银行流水", "match_payment": "核对银行出账", "ask_invoice": "申请开票", "issue_invoice": "登记发票",
    "red_invoice": "登记红字发票", "set_collection_target": "设定回款目标",
    # sales and signing
    "put_document_ready": "备好签约文件", "draw_contract_template": "起草合同范本", "release_contract_template": "启用合同范本",
    "stock_contract_texts": "合同文本入库", "choose_bank": "选定按揭银行", "sales.milestone": "登记楼栋节点",
    "sales.regime": "设定登记方式", "estate.describe_project": "修改项目资料", "estate.daily_control": "确认日销控",
    "reports.set_target": "设定销售任务", "register_imported": "导入登记表", "layout_corrected": "改正导入的列",
    "deals_running": "登记在途交易", "demo.deals": "演示：历史交易", "demo.money": "演示：历史收款",
    # papers and seals
    "papers.classify": "改文件密级", "papers.add_seal": "登记印章", "papers.use_seal": "用印", "papers.lend_seal": "借出印章",
    "papers.take_back_seal": "收回印章", "papers.hand_over_seal": "移交印章", "papers.retire_seal": "停用印章",
    # the company
    "org.seed": "建立公司资料", "org.first_administrator": "设立首位管理员", "org.look": "查看个人信息", "org.unmask": "查看完整信息",
    "org.add_person": "登记员工", "org.change_person": "修改员工资料", "org.give_post": "任职", "org.end_post": "免职",
    "org.leave": "办理离职", "org.reset_password": "重设密码", "org.change_password": "修改密码", "org.lift_lockout": "解除登录锁定",
    "org.delegate": "设定代理", "org.end_delegation": "结束代理", "org.add_company": "加成员企业", "org.name_head": "指定负责人",
    "org.assign_function": "分配职能", "org.assign_duty": "分配职责", "org.change_post": "修改岗位", "org.place_post": "调整岗位归属",
    "org.plan_headcount": "调整编制", "org.draft_description": "起草职位说明书", "org.sign_description": "签署职位说明书",
    "org.add_certificate": "登记证书", "org.drop_certificate": "删去证书", "org.ask_for_export": "申请导出",
    "org.decide_export": "审批导出", "org.take_export": "领取导出文件", "org.set_goal": "设定目标", "org.change_goal": "调整目标",
    "org.draw_up_plan": "制定计划", "org.change_plan": "调整计划", "org.report_task": "汇报任务", "org.check_task": "检查任务",
    "calendar.change": "修改工作日历", "api.token_made": "发放接口令牌", "api.token_revoked": "收回接口令牌",
    # customers and the desk
    "customers.mark": "标记重要客户", "customers.add_contact": "登记联系记录", "customers.plan_care": "安排主动关怀",
    "customers.record_care": "登记关怀结果", "customers.note_fact": "登记客户信息", "customers.consent": "登记个人信息用途",
    "customers.merge": "合并客户", "customers.unmerge": "撤销合并", "customers.mailing_list": "编制寄送名单",
    "customers.dispatch": "登记寄送", "customers.plan_activity": "策划客户活动", "customers.approve_activity": "审批客户活动",
    "customers.invite": "邀请客户", "customers.attendance": "登记到场", "customers.close_activity": "总结客户活动",
    "desk.reception_log": "打印业户接待登记表", "desk.open_incoming": "处理来件", "desk.put_aside": "搁置来件",
    "desk.appearance": "确认仪表", "desk.spot_check": "抽查仪表", "desk.area_check": "检查前台环境", "desk.skill": "评定技能",
    # quality and knowledge
    "quality.rated": "登记评价", "quality.feedback": "跟进低分评价", "quality.observed": "服务观察", "quality.learnt": "确认学习",
    "quality.complaint_clerk": "指定质量投诉信息专人", "quality.equipment": "登记设备", "quality.maintained": "登记设备保养",
    "quality.incident": "登记安全事件", "quality.emergency_declared": "启动应急", "quality.emergency_responded": "应急响应",
    "quality.emergency_step": "应急处置", "quality.emergency_ended": "结束应急", "knowledge.used": "引用知识",
    "knowledge.term": "维护名词", "knowledge.retired": "停用知识",
    # notices
    "notify.record": "登记沟通", "notify.withdraw_link": "收回链接", "notify.add_channel": "登记渠道", "notify.set_channel": "设定渠道",
    "notify.set_filing": "设定短信备案", "notify.set_quiet": "设定免打扰时段", "notify.set_reach": "设定联系次数",
    "notify.write_wording": "起草通知模板", "notify.approve_wording": "批准通知模板", "notify.refuse_wording": "退回通知模板",
}  # fmt: skip
SOPS = {
    "drafted": "起草新版", "edited": "修改草案", "prepared": "编制完成", "submitted": "送审", "reviewed": "审核",
    "approved": "批准", "published": "发布", "retired": "停用", "read": "学习", "trained": "培训登记", "suggested": "提建议", "returned": "退回", "value_proposed": "提出参数值", "value_approved": "批准参数值",
}  # fmt: skip


def said(event: Event) -> str:
    """Return what the event did, as a reader of the register calls it; never a code."""
    name, _, rest = event.step.partition(":")
    if name == "notice":
        return NOTICES.get(rest, ("通知",))[0]
    if name == "sop":
        return f"标准书：{SOPS.get(rest, '修订')}"
    process = processes().get(event.case.process) if event.case else None
    step = process.step(rest or name) if process else None
    if step is not None:
        return f"{ACTS.get(name, '其他办理')}：{step.label}" if rest else step.label
    return ACTS.get(name, "其他办理")
